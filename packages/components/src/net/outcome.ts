import { InvalidData, Overloaded } from '@throughline/model';
import { TooLarge } from './too-large.ts';

/** What a sender is told about a request that failed, in the words of gRPC and of HTTP. */
export interface Outcome {
  /** A google.rpc.Code. */
  readonly code: number;
  readonly httpStatus: number;
  readonly message: string;
  /** Present: the same request may succeed after this long. */
  readonly retryDelayMs?: number;
}

/** The google.rpc.Code values that a receiver answers with. */
export const grpcCode = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** A failure whose answer is already known, such as a method or an encoding that is not spoken here. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: number;
  readonly httpStatus: number;
  constructor(code: number, httpStatus: number, message: string) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/** The one place where an error becomes an answer. What is not known to be the sender's fault is worth another try. */
export function outcomeOf(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidData) return { code: grpcCode.invalidArgument, httpStatus: 400, message };
  if (error instanceof TooLarge) return { code: grpcCode.resourceExhausted, httpStatus: 413, message };
  if (error instanceof Refused) return { code: error.code, httpStatus: error.httpStatus, message };
  if (error instanceof Overloaded)
    return {
      code: grpcCode.resourceExhausted,
      httpStatus: 429,
      message,
      retryDelayMs: error.retryAfterMs,
    };
  return { code: grpcCode.unavailable, httpStatus: 503, message };
}
