import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '../propagation/trace-context.ts';
import { type Hop, failure, hopWith } from './hop.ts';
import { ask } from './http.ts';
import type { Sent } from './probe.ts';
import type { Finding } from './report.ts';
import type { Target } from './targets.ts';

/** By what its request can be found where the context was lost. */
export const userAgentOf = (sent: Sent): string => `throughline-doctor/${sent.span.spanContext().spanId}`;

/** Asks with GET. Who answers with `traceresponse`, or `traceparent` in `server-timing`, tells in which trace it was. */
export async function throughHttp(target: Target, sent: Sent, timeoutMs: number): Promise<Hop> {
  try {
    const headers = { ...sent.headers, 'user-agent': userAgentOf(sent), accept: '*/*' };
    const answer = await ask(new URL(target.address), { headers, timeoutMs });
    const told = traceIn(answer.headers);
    sent.span.setAttribute('http.response.status_code', answer.status);
    return hopWith(target, sent, judged(sent, answer.status, told), true);
  } catch (error) {
    const found = `no answer (${failure(error)})`;
    const advice = 'Is it running, and is the address right?';
    return hopWith(target, sent, { status: 'problem', found, advice });
  }
}

type Judged = Pick<Finding, 'status' | 'found' | 'advice' | 'context'>;

function judged(sent: Sent, status: number, told: string | undefined): Judged {
  if (told === undefined) return { status: 'ok', found: `HTTP ${status}` };
  const same = told === sent.span.spanContext().traceId;
  if (same)
    return { status: 'ok', found: `HTTP ${status}, answered in the trace`, context: { traceId: true } };
  return {
    status: 'problem',
    found: `HTTP ${status}, answered in another trace: the context was lost on the way`,
    advice: stripped,
    context: { traceId: false },
  };
}

export const stripped =
  'Something between here and there does not pass traceparent on, or the service reads other headers: compare OTEL_PROPAGATORS.';

function traceIn({ traceresponse, ...headers }: IncomingHttpHeaders): string | undefined {
  const [, timing] = /traceparent;desc="?([^",;]+)/.exec(String(headers['server-timing'] ?? '')) ?? [];
  return parseTraceparent(String(traceresponse ?? timing ?? ''))?.traceId;
}
