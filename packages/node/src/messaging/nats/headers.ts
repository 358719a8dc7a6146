import type { Context } from '@opentelemetry/api';
import { inject } from '../propagate.ts';
import type { Connection, Headers, SendOptions, Tracing } from './types.ts';

const made = new WeakSet<Headers>();

/**
 * The options with the context's headers besides those that are there already, in a copy; unchanged where there is no context
 * to send, or the server takes no headers, as one before 2.2 or one that is told so.
 */
export function withContext(
  connection: Connection,
  tracing: Tracing,
  options: SendOptions | undefined,
  context: Context | undefined,
): SendOptions | undefined {
  const known = options?.headers;
  if (!context || connection.info?.headers === false || (known && made.has(known))) return options;
  const { baggage } = tracing().config;
  const headers = inject(copyOf(known), { context, ...(baggage !== undefined && { baggage }) });
  if (isEmpty(headers)) return options;
  made.add(headers);
  return { ...options, headers };
}

function copyOf(headers: Headers | undefined): Headers {
  if (!headers) return new NewHeaders();
  const { constructor, code, description } = headers as Headers & Status;
  const copy = new constructor(code, description);
  for (const [name, values] of headers) for (const value of values) copy.append(name, value);
  return copy;
}

interface Status {
  constructor: new (code?: number, description?: string) => Headers;
  code?: number;
  description?: string;
}

const isEmpty = (headers: Headers): boolean => headers[Symbol.iterator]().next().done === true;

/** Headers where a message has none: the clients want them to be theirs only so far as they encode them. */
class NewHeaders extends Map<string, string[]> implements Headers {
  override set(name: string, value: string | string[]): this {
    return super.set(name, [value].flat());
  }

  append(name: string, value: string): void {
    super.set(name, [...(this.get(name) ?? []), value]);
  }

  /** As the protocol of the NATS client has them. */
  encode(): Uint8Array {
    const lines = [...this].flatMap(([name, values]) => values.map((value) => `${name}: ${value}\r\n`));
    return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
  }
}
