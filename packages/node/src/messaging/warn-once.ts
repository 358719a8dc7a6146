import { warn } from '../setup/warn.ts';

const said = new Set<string>();

/** One line in the life of the process, however often what `about` names happens. */
export function warnOnce(about: string, message: string): void {
  if (said.has(about)) return;
  said.add(about);
  warn(message);
}
