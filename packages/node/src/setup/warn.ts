/** One line to the person who set this service up. */
export function warn(message: string): void {
  process.stderr.write(`throughline: ${message}\n`);
}
