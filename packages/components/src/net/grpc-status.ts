import type { OutgoingHttpHeaders } from 'node:http2';
import { rpcStatus } from '@throughline/wire';
import type { Outcome } from './outcome.ts';

/** The trailers that tell a gRPC client why its call failed; RetryInfo travels in `grpc-status-details-bin`. */
export function statusTrailers({ code, message, retryDelayMs }: Outcome): OutgoingHttpHeaders {
  return {
    'grpc-status': String(code),
    'grpc-message': percentEncode(message),
    ...(retryDelayMs !== undefined && {
      'grpc-status-details-bin': Buffer.from(rpcStatus({ code, message, retryDelayMs }))
        .toString('base64')
        .replace(/=+$/, ''),
    }),
  };
}

/** As gRPC over HTTP2 has it (Percent-Encoded): UTF-8, with every byte outside of printable ASCII, and `%`, as %XX. */
function percentEncode(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/** The milliseconds in a `grpc-timeout` header (`20S`, `100m`), or undefined when it is not one. */
export function parseGrpcTimeout(header: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  return match ? Number(match[1]) * unitMs[match[2]!]! : undefined;
}
