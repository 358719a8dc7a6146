import { otlpLogStream, traceFields } from '@throughline/node';
import { appendFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { Level } from './levels.ts';
import type { LoggerSettings } from './logger-settings.ts';

/** Writes log lines as JSON, each with the ids of the span that it is written in, exported or not. */
export class Log {
  stdout: boolean;
  /** Whether lines are exported as log records, where the settings say that they can be. */
  exported: boolean;
  readonly #pino: Logger;

  constructor(name: string, settings: LoggerSettings) {
    this.stdout = settings.stdout;
    this.exported = settings.apm;
    const { file } = settings;
    const otlp = settings.otlpLogs ? otlpLogStream() : undefined;
    const write = (line: string): void => {
      if (this.stdout) process.stdout.write(line);
      if (file !== undefined) appendFileSync(file, line);
      if (this.exported) otlp?.write(line);
    };
    this.#pino = pino({ name, level: 'trace', mixin: traceFields }, { write });
  }

  write(level: Level, message: string, fields: object): void {
    this.#pino[level](fields, message);
  }
}
