import type { Sent } from './probe.ts';
import type { Finding } from './report.ts';
import type { Target } from './targets.ts';

/** A hop that the probe was sent through. */
export interface Hop {
  readonly target: Target;
  readonly sent: Sent;
  /** What is known without asking anybody else. */
  readonly finding: Finding;
  /** Whether only the spans of services can tell more. */
  readonly askTrace: boolean;
}

/** What is known of a hop; `askTrace` as in `Hop`. */
export function hopWith(
  target: Target,
  sent: Sent,
  known: Omit<Finding, 'check' | 'subject'>,
  askTrace = false,
): Hop {
  return { target, sent, askTrace, finding: { check: 'hop', subject: subjectOf(target), ...known } };
}

/** As it was given, without a password. */
function subjectOf({ kind, address, from }: Target): string {
  const plain = address.replace(/\/\/[^/@]*@/, '//');
  return `${plain.includes('://') ? '' : `${kind} `}${plain}${from.startsWith('--') ? '' : ` (${from})`}`;
}

/** Why something failed. Several addresses fail as one error, and a stream of HTTP/2 because of its connection. */
export function failure(error: unknown): string {
  const { message, code, errors, cause } = error as NodeJS.ErrnoException & { errors?: Error[] };
  if (code === 'ERR_HTTP2_STREAM_CANCEL' && cause) return failure(cause);
  return message || errors?.map((each) => each.message).join(', ') || String(code);
}
