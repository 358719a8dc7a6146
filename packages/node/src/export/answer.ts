/** What became of a request that was sent. */
export type Answer =
  /** The receiver has it, but for so many spans; `message` is what it has to say about them, or to warn of. */
  | { readonly kind: 'taken'; readonly rejected: number; readonly message: string }
  /** The receiver will never take it. */
  | { readonly kind: 'refused'; readonly why: Error }
  /** To be sent again, after `afterMs` where the receiver asked for that. */
  | {
      readonly kind: 'later';
      readonly why: Error;
      readonly afterMs?: number;
      /** It was sent, and nothing came back in time: nobody knows whether it was taken. */
      readonly unanswered?: boolean;
    };

/** No receiver may make senders wait longer than this. */
const maxAskedMs = 3_600_000;

/** The answer to OTLP over HTTP; which ones are worth another attempt is the OTLP specification's. */
export function httpAnswer(
  status: number,
  statusText: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Answer {
  const type = /^[^;]*/.exec(String(headers['content-type']))?.[0].trim();
  const json = type === 'application/json' ? parsed(body) : undefined;
  const protobuf = type === 'application/x-protobuf';
  if (status >= 200 && status < 300) return protobuf ? taken(body) : takenJson(json);
  const text = body.toString('utf8', 0, 300).trim();
  const said = protobuf ? rpcStatus(body).message : typeof json?.message === 'string' ? json.message : text;
  const why = new Error([`${status} ${statusText}`.trim(), said].filter(Boolean).join(': '));
  if (![429, 502, 503, 504].includes(status)) return { kind: 'refused', why };
  return { kind: 'later', why, ...asked(retryAfterMs(headers['retry-after'])) };
}

const retryableCodes: Record<number, string> = {
  1: 'CANCELLED',
  4: 'DEADLINE_EXCEEDED',
  10: 'ABORTED',
  11: 'OUT_OF_RANGE',
  14: 'UNAVAILABLE',
  15: 'DATA_LOSS',
};
const resourceExhausted = 8;

/**
 * The answer to OTLP over gRPC: `grpc-status`, `grpc-message` and `grpc-status-details-bin` of the trailers, and the
 * message, if there is one. RESOURCE_EXHAUSTED is worth another attempt only where the receiver says when.
 */
export function grpcAnswer(
  code: number,
  trailers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Answer {
  if (code === 0) return taken(body);
  const details = trailers['grpc-status-details-bin'];
  const { retryMs } = rpcStatus(Buffer.from(typeof details === 'string' ? details : '', 'base64'));
  const name =
    retryableCodes[code] ?? (code === resourceExhausted ? 'RESOURCE_EXHAUSTED' : `gRPC status ${code}`);
  const message = decodePercent(String(trailers['grpc-message'] ?? ''));
  const why = new Error(message ? `${name}: ${message}` : name);
  if (!(code in retryableCodes) && !(code === resourceExhausted && retryMs !== undefined)) {
    return { kind: 'refused', why };
  }
  return { kind: 'later', why, ...asked(retryMs) };
}

/** The code that gRPC gives an answer of HTTP without a status of its own. */
export function grpcCodeOf(httpStatus: number): number {
  return { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 }[httpStatus] ?? 2;
}

const asked = (afterMs: number | undefined): { afterMs?: number } =>
  afterMs === undefined ? {} : { afterMs: Math.min(afterMs, maxAskedMs) };

/** Retry-After is whole seconds or a date. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** ExportTraceServiceResponse: partial_success = 1 { rejected_spans = 1, error_message = 2 }. */
function taken(body: Buffer): Answer {
  const partial = fieldsOf(fieldsOf(body).get(1));
  const rejected = partial.get(1);
  return {
    kind: 'taken',
    rejected: typeof rejected === 'number' ? rejected : 0,
    message: textOf(partial.get(2)),
  };
}

interface Json {
  message?: unknown;
  partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown };
}

function takenJson(json: Json | undefined): Answer {
  const { rejectedSpans, errorMessage } = json?.partialSuccess ?? {};
  const message = typeof errorMessage === 'string' ? errorMessage : '';
  return { kind: 'taken', rejected: Number(rejectedSpans) || 0, message };
}

/** Nothing where it is no object. */
function parsed(body: Buffer): Json | undefined {
  try {
    return Object(JSON.parse(body.toString())) as Json;
  } catch {
    return undefined;
  }
}

/** google.rpc.Status: message = 2, details = 3, of which RetryInfo has retry_delay = 1 { seconds = 1, nanos = 2 }. */
function rpcStatus(body: Buffer): { message: string; retryMs?: number } {
  const status = fieldsOf(body);
  const any = fieldsOf(status.get(3));
  const message = textOf(status.get(2));
  if (!textOf(any.get(1)).endsWith('/google.rpc.RetryInfo')) return { message };
  const delay = fieldsOf(fieldsOf(any.get(2)).get(1));
  return { message, retryMs: Number(delay.get(1) ?? 0) * 1000 + Number(delay.get(2) ?? 0) / 1e6 };
}

type Field = number | Buffer;

const textOf = (field: Field | undefined): string => (Buffer.isBuffer(field) ? field.toString() : '');

/** The last value of each field of a small protobuf message; what cannot be read is left out. */
function fieldsOf(message: Field | undefined): Map<number, Field> {
  const fields = new Map<number, Field>();
  if (!Buffer.isBuffer(message)) return fields;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < message.length; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        fields.set(tag >>> 3, varint());
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const size = varint();
        fields.set(tag >>> 3, message.subarray(at, at + size));
        at += size;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return fields;
    }
  }
  return fields;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
