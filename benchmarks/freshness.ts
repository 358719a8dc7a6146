import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, median, round } from './numbers.ts';

export interface Freshness {
  /** From a span's acknowledgement until it is found by its trace id. */
  readonly freshP50Ms: number;
  readonly freshP99Ms: number;
  readonly probes: number;
}

const everyMs = 200;
const giveUpMs = 30_000;

/** Sends a trace of its own five times a second until `until` aborts, and asks for each until it is there. */
export async function measureFreshness(
  otlpHttp: string,
  api: string,
  until: AbortSignal,
): Promise<Freshness> {
  const waits: Promise<number>[] = [];
  while (!until.aborted) {
    waits.push(probe(otlpHttp, api));
    await sleep(everyMs);
  }
  const times = await Promise.all(waits);
  return { freshP50Ms: round(median(times)), freshP99Ms: round(at(times, 0.99)), probes: times.length };
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
    await sleep(25);
  }
}
