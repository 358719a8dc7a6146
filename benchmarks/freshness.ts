import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, round } from './numbers.ts';

export interface Freshness {
  /** From a span's acknowledgement until it is found by its trace id. */
  readonly freshMedianMs: number;
  readonly freshSlowestMs: number;
  readonly probes: number;
}

/** Not a part of a second, so that probes meet the writer at all its moments. */
const everyMs = 137;
const askEveryMs = 50;
const giveUpMs = 60_000;

/**
 * Sends a trace of its own and asks for it until it is there, one after the other until `until` aborts: asking for several
 * at once would be a load of its own.
 */
export async function measureFreshness(
  otlpHttp: string,
  api: string,
  until: AbortSignal,
): Promise<Freshness> {
  const waits: number[] = [];
  while (!until.aborted) {
    waits.push(await probe(otlpHttp, api));
    await sleep(everyMs);
  }
  return {
    freshMedianMs: round(median(waits)),
    freshSlowestMs: round(Math.max(...waits)),
    probes: waits.length,
  };
}

async function probe(otlpHttp: string, api: string): Promise<number> {
  const traceId = randomBytes(16).toString('hex');
  const nanos = String(BigInt(Date.now()) * 1_000_000n);
  const span = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'probe',
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
  };
  const sent = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  if (!sent.ok) throw new Error(`a probe was answered with ${sent.status}`);
  const acknowledged = performance.now();
  for (;;) {
    const answer = await fetch(`${api}/throughline/v1/traces/${traceId}`);
    await answer.arrayBuffer();
    const waited = performance.now() - acknowledged;
    if (answer.ok) return waited;
    if (waited > giveUpMs) throw new Error(`a span was not found within ${giveUpMs} ms: ${answer.status}`);
    await sleep(askEveryMs);
  }
}
