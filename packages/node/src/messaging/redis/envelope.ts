import { type InjectOptions, inject } from '../propagate.ts';

/**
 * The form in which a message of Redis pub/sub, which has no headers, carries a context:
 *
 *     member   {"order":7,"_otel":{"traceparent":"00-…"}}             one more member of a message that is a JSON object
 *     wrap     {"_otel":{"traceparent":"00-…"},"_text":"hello"}       any text; `_base64` in the place of `_text` for bytes
 *     go       {"Body":"hello","Header":{"Traceparent":["00-…"]}}     what Go programs make of a body and an http.Header
 *
 * Only `member` can be read by those who do not know of it. With it, texts that are no JSON object and bytes go as they
 * are, without a context; so do bytes with `go`.
 */
export type Envelope = 'member' | 'wrap' | 'go';

export interface Opened {
  /** As it was published. */
  message: string | Buffer;
  /** What the context is in; undefined where the message came without. */
  carrier?: unknown;
}

type Fields = Record<string, unknown>;

/** The message with the active context in it, where the form can carry it. */
export function seal(
  message: string | Uint8Array,
  envelope: Envelope,
  options: InjectOptions,
): string | Buffer {
  // A program without types may hand over anything: what becomes of it is for the client to say.
  if (typeof message !== 'string' && !(message instanceof Uint8Array)) return message;
  const bytes = typeof message === 'string' ? undefined : bufferOf(message);
  if (envelope === 'wrap') {
    const content = bytes ? { _base64: bytes.toString('base64') } : { _text: message };
    return JSON.stringify({ _otel: inject({}, options), ...content });
  }
  if (bytes) return bytes;
  const text = message as string;
  if (envelope === 'go')
    return JSON.stringify({ Body: text, Header: inject({}, { ...options, canonical: true }) });
  return withMember(text, inject({}, options));
}

/** What `seal` sealed, in whatever form, as it was; and anything else as it is. */
export function open(sealed: string | Buffer): Opened {
  if (typeof sealed === 'string') return openText(sealed);
  if (!sealed.includes('"_otel"') && !sealed.includes('"Header"')) return { message: sealed };
  const { message, carrier } = openText(sealed.toString());
  if (carrier === undefined) return { message: sealed };
  return { message: Buffer.from(message as string | Uint8Array<ArrayBuffer>), carrier };
}

/** Whether the form `member` can carry a context with this message. */
export const takesMember = (text: string): boolean => {
  const fields = objectIn(text);
  return fields !== undefined && !['_otel', '_text', '_base64'].some((name) => name in fields);
};

function withMember(text: string, carrier: Fields): string {
  if (Object.keys(carrier).length === 0 || !takesMember(text)) return text;
  const end = text.lastIndexOf('}');
  const comma = text.slice(0, end).trimEnd().endsWith('{') ? '' : ',';
  return `${text.slice(0, end)}${comma}"_otel":${JSON.stringify(carrier)}${text.slice(end)}`;
}

function openText(text: string): Opened {
  // Most messages that carry no context are told by this, without parsing them.
  if (!text.includes('"_otel"') && !text.includes('"Header"')) return { message: text };
  const fields = objectIn(text);
  if (!fields) return { message: text };
  if (isObject(fields['_otel'])) return { message: withoutEnvelope(text, fields), carrier: fields['_otel'] };
  if (isGo(fields)) {
    const body = fields['Body'];
    return {
      message: typeof body === 'string' ? body : JSON.stringify(body),
      carrier: fields['Header'] ?? undefined,
    };
  }
  return { message: text };
}

function withoutEnvelope(text: string, { _otel: carrier, ...rest }: Fields): string | Buffer {
  if (Object.keys(rest).length === 1) {
    if (typeof rest['_text'] === 'string') return rest['_text'];
    if (typeof rest['_base64'] === 'string') return Buffer.from(rest['_base64'], 'base64');
  }
  const member = `"_otel":${JSON.stringify(carrier)}`;
  const at = text.lastIndexOf(member);
  const after = text.slice(at + member.length);
  // Who passed it on may have written it anew, with spaces or in another order.
  if (at < 0 || after.trim() !== '}') return JSON.stringify(rest);
  return text.slice(0, text[at - 1] === ',' ? at - 1 : at) + after;
}

const isGo = (fields: Fields): boolean =>
  Object.keys(fields).toSorted().join() === 'Body,Header' &&
  (fields['Header'] === null || isObject(fields['Header']));

function objectIn(text: string): Fields | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
