import { InvalidData, Overloaded } from '@throughline/model';
import { readExportResponse, readRpcStatus } from '@throughline/wire';
import { mediaType } from '../../net/media-type.ts';
import type { Reply } from './post.ts';

/** Answers after which the same request may succeed later (OTLP specification, Failures and Throttling). */
const retryable = [429, 502, 503, 504];

/** The error that a reply stands for; undefined when the request succeeded. `now` is in milliseconds since 1970. */
export function errorOf(url: string, reply: Reply, now: number): Error | undefined {
  const { status } = reply;
  if (status >= 200 && status < 300) return undefined;
  const said = saidIn(reply);
  const message = `${url} answered ${status}${said && `: ${said}`}`;
  if (status < 400) return new Error(message);
  if (!retryable.includes(status)) return new InvalidData(message);
  const waitMs = retryAfterMs(reply.headers['retry-after'], now);
  return waitMs === undefined ? new Error(message) : new Overloaded(message, waitMs);
}

/** How many items a backend that answered with success did not take, and why. */
export function partialSuccess({ headers, body }: Reply): { rejected: number; message: string } {
  if (body.length === 0) return { rejected: 0, message: '' };
  try {
    switch (mediaType(headers['content-type'])) {
      case 'application/x-protobuf':
        return readExportResponse(body);
      case 'application/json':
        return fromJson(JSON.parse(body.toString()));
      default:
        return { rejected: 0, message: '' };
    }
  } catch {
    // The data has arrived; an answer that makes no sense is no reason to send it again.
    return { rejected: 0, message: '' };
  }
}

/** Seconds or a date, as HTTP has it. */
function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What the backend says in words: a google.rpc.Status, or the beginning of a text. */
function saidIn({ headers, body }: Reply): string {
  try {
    switch (mediaType(headers['content-type'])) {
      case 'application/x-protobuf':
        return readRpcStatus(body).message;
      case 'application/json':
        return (JSON.parse(body.toString()) as { message?: string }).message ?? '';
      default:
        return body.toString().trim().slice(0, 200);
    }
  } catch {
    return '';
  }
}

function fromJson(answer: unknown): { rejected: number; message: string } {
  const { partialSuccess } = (answer ?? {}) as {
    partialSuccess?: Record<string, string | number | undefined>;
  };
  return {
    rejected: Number(partialSuccess?.['rejectedSpans'] ?? partialSuccess?.['rejectedLogRecords'] ?? 0) || 0,
    message: String(partialSuccess?.['errorMessage'] ?? ''),
  };
}
