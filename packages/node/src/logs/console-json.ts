import { logs } from '@opentelemetry/api-logs';
import { getStringFromEnv } from '@opentelemetry/core';
import { warn } from '../setup/warn.ts';
import { version } from '../version.ts';
import { parseLine, recordOf } from './log-record.ts';
import { traceFields } from './trace-fields.ts';

/** Method of the console → the level of a line that names none. */
const levels = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;
const modes = ['on', 'fields', 'off'] as const;

/**
 * What THROUGHLINE_CONSOLE_JSON says is done with a line of the console whose one argument is the text of a JSON
 * object. `on`, the default: inside a span it gets trace_id, span_id and trace_flags at its end, and it is sent as a log
 * record; `fields`: it is not sent; `off`: it is left alone. All other lines are, and so are fields that it has.
 */
export function watchConsole(): void {
  const text = getStringFromEnv('THROUGHLINE_CONSOLE_JSON') ?? 'on';
  const mode = modes.find((each) => each === text);
  if (!mode) warn(`THROUGHLINE_CONSOLE_JSON=${text} is none of ${modes.join(', ')}; on is used`);
  if (mode === 'off') return;
  const logger = mode === 'fields' ? undefined : logs.getLogger('@throughline/node', version);
  for (const method of Object.keys(levels) as (keyof typeof levels)[]) {
    const write = console[method];
    console[method] = (...args: unknown[]): void => {
      const fields = args.length === 1 ? objectIn(args[0]) : undefined;
      if (!fields) return write.apply(console, args);
      write.call(console, 'trace_id' in fields ? args[0] : withTraceFields(args[0] as string, fields));
      logger?.emit(recordOf(fields, levels[method]));
    };
  }
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'string' && /^\s*\{[^]*\}\s*$/.test(value) ? parseLine(value) : undefined;
}

/** The text is kept as it was written. */
function withTraceFields(line: string, fields: object): string {
  const added = JSON.stringify(traceFields()).slice(1, -1);
  if (!added) return line;
  const end = line.lastIndexOf('}');
  return `${line.slice(0, end)}${Object.keys(fields).length > 0 ? ',' : ''}${added}${line.slice(end)}`;
}
