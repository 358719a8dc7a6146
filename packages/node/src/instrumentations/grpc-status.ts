import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** By code, as the gRPC specification numbers them. */
const names = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
export const status = { ok: 0, cancelled: 1, unknown: 2 };
/** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: of the others the caller is to blame. */
const serverErrors = [2, 4, 12, 13, 14, 15];

/** How a call ended: what grpc-js has in its errors and statuses. */
export interface Outcome {
  code?: number | undefined;
  details?: string | undefined;
  message?: string | undefined;
}

/** Writes the outcome of a call on its span, as the semantic conventions for RPC say for either side, and ends it. */
export function endWith(span: Span, side: 'client' | 'server', { code, details, message }: Outcome): void {
  const number = code ?? status.unknown;
  const name = names[number] ?? String(number);
  span.setAttributes({ 'rpc.grpc.status_code': number, 'rpc.response.status_code': name });
  if (side === 'client' ? number !== status.ok : serverErrors.includes(number)) {
    span.setAttribute('error.type', name);
    const why = details || message;
    span.setStatus({ code: SpanStatusCode.ERROR, ...(why && { message: why }) });
  }
  span.end();
}
