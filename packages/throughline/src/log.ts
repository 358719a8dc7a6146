import type { Log } from '@throughline/pipeline';
import type { LogLevel } from '@throughline/pipeline';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export interface LogOptions {
  readonly level: LogLevel;
  /** Lines for people, or JSON. */
  readonly encoding: 'console' | 'json';
  readonly color: boolean;
}

/** The program's own log on standard error: one line per event. Written at once, so that nothing is lost at the end. */
export function createLog({ level, encoding, color }: LogOptions): (component: string) => Log {
  const stream =
    encoding === 'json'
      ? pino.destination({ fd: 2, sync: true })
      : pretty({
          destination: 2,
          sync: true,
          colorize: color,
          ignore: 'component',
          errorLikeObjectKeys: [],
          messageFormat: '{component}: {msg}',
          translateTime: 'SYS:HH:MM:ss.l',
          singleLine: true,
        });
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return (component) => limited(root.child({ component }));
}

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Record<string, unknown>;

const windowMs = 10_000;
const linesPerWindow = 5;

interface Window {
  lines: number;
  suppressed: number;
  last: Fields;
}

/**
 * The same event at most 5 times in 10 seconds. What was held back is told in one line at the end of that time, with the
 * fields of the last and `suppressed`, how many.
 */
export function limited(logger: Pick<Logger, Level>): Log {
  const windows = new Map<string, Window>();
  const write = (level: Level, event: string, fields: Fields = {}) => {
    const key = `${level} ${event}`;
    const window = windows.get(key);
    if (!window) {
      windows.set(key, { lines: 1, suppressed: 0, last: fields });
      setTimeout(() => end(level, event, key), windowMs).unref();
    } else if (window.lines < linesPerWindow) window.lines++;
    else {
      window.suppressed++;
      window.last = fields;
      return;
    }
    logger[level](fields, event);
  };
  const end = (level: Level, event: string, key: string) => {
    const window = windows.get(key);
    windows.delete(key);
    if (window?.suppressed) logger[level]({ ...window.last, suppressed: window.suppressed }, event);
  };
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  };
}
