import { logs } from '@opentelemetry/api-logs';
import { version } from '../version.ts';
import { parseLine, recordOf } from './log-record.ts';

/** Anything that a logger can write its lines to. */
export interface LogStream {
  write(line: string): void;
}

/**
 * Sends each JSON line written to it as an OTLP log record, in the context it is written in: what any logger of such
 * lines needs to be seen inside the trace. `level` or `severity` is a name or one of pino's numbers, `time` or
 * `timestamp` milliseconds since 1970 or an ISO date, `msg` or `message` the body, all else an attribute. A line that
 * is not JSON is the body. pino and winston are sent without it.
 */
export const otlpLogStream = (): LogStream => new OtlpLogStream();

export class OtlpLogStream implements LogStream {
  /** By which pino knows a stream from options. */
  readonly writable = true;
  readonly #logger = logs.getLogger('@throughline/node', version);

  write(line: string): void {
    const fields = parseLine(line);
    this.#logger.emit(fields ? recordOf(fields) : { body: line.trimEnd() });
  }
}
