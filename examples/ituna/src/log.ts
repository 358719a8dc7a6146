import { appendFileSync } from 'node:fs';
import { settings } from './settings.ts';

type Level = 'INFO' | 'WARNING' | 'ERROR';

/** What more becomes of a line; tracing sends it into the trace. */
const others: ((level: Level, message: string) => void)[] = [];

export const alsoLogTo = (write: (level: Level, message: string) => void): void => void others.push(write);

/** Writes `time - logger - LEVEL - message` lines to the log that all processes share, and to standard output. */
export class Log {
  readonly #logger: string;

  constructor(logger: string) {
    this.#logger = logger;
  }

  info(message: string): void {
    this.#write('INFO', message);
  }

  warn(message: string): void {
    this.#write('WARNING', message);
  }

  error(message: string): void {
    this.#write('ERROR', message);
  }

  #write(level: Level, message: string): void {
    const line = `${new Date().toISOString()} - ${this.#logger} - ${level} - ${message}\n`;
    process.stdout.write(line);
    if (settings.logFile) appendFileSync(settings.logFile, line);
    for (const write of others) write(level, message);
  }
}
