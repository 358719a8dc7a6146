import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import type { SpanId } from '@throughline/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allInOne, Throughline } from './support/throughline.ts';

const rounds = 20;
const senders = 4;
const spansPerRequest = 25;
const request = Array.from({ length: spansPerRequest }, (_, n) => `shop: step ${n} ${n}..${n + 1}`).join(
  '\n',
);

interface Trace {
  readonly spans: readonly { readonly span_id: string }[];
}
interface Status {
  readonly spans: { readonly stored: number };
  readonly journal: readonly { readonly consumers: readonly { readonly lag_bytes: number }[] }[];
}

/** Inserts follow each other without a pause, so that most kills hit one at some point of it. */
const config = allInOne.replace('timeout: 200ms', 'timeout: 1ms');

const again = 'a delivery was under way when the program ended, doing it again';

/** One sender's trace in one round: the ids of the spans that it sent, and of those that were acknowledged. */
class Sent {
  readonly traceId: string;
  readonly all = new Set<string>();
  readonly acknowledged = new Set<string>();

  constructor(number: number) {
    this.traceId = number.toString(16).padStart(32, '0');
  }

  request(): { ids: readonly string[]; body: Uint8Array<ArrayBuffer> } {
    const spans = traceFromText(request, { traceId: this.traceId }).map((span) => {
      const spanId = (this.all.size + 1).toString(16).padStart(16, '0') as SpanId;
      this.all.add(spanId);
      return { ...span, spanId };
    });
    return { ids: spans.map(({ spanId }) => spanId), body: new Uint8Array(encodeTraces(spans)) };
  }
}

/** Sends spans, one request after the other, until the program is gone. */
async function load(url: string, sent: Sent): Promise<void> {
  for (;;) {
    const { ids, body } = sent.request();
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body }).catch(() => undefined);
    if (!answer) return;
    if (answer.ok) for (const id of ids) sent.acknowledged.add(id);
    await answer.arrayBuffer().catch(() => {});
  }
}

/** Numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The API's answer; undefined where there is no such thing. */
async function get<T>(program: Throughline, path: string): Promise<T | undefined> {
  const response = await fetch(`${program.url('UI and API')}/throughline/v1/${path}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function status(program: Throughline): Promise<Status> {
  return (await get<Status>(program, 'status'))!;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test(
  `after ${rounds} kills under load every acknowledged span is stored exactly once`,
  { timeout: 300_000 },
  async () => {
    const dataDirectory = join(folder, 'data');
    const random = seeded(20261120);
    let hits = 0;
    const sent = Array.from({ length: rounds * senders }, (_, n) => new Sent(n + 1));
    for (let round = 0; round < rounds; round++) {
      const program = await Throughline.start({ config, dataDirectory });
      if (program.stderr.includes(again)) hits++;
      const url = program.url('OTLP/HTTP');
      const loads = sent.slice(round * senders, (round + 1) * senders).map((each) => load(url, each));
      await sleep(100 + 900 * random());
      await program.kill();
      program.remove();
      await Promise.all(loads);
    }
    expect(hits, 'kills in the middle of a delivery').toBeGreaterThan(rounds / 4);
    await expectStored(dataDirectory, sent);
  },
);

test(
  'asked to end under load, it does within five seconds, and loses nothing',
  { timeout: 60_000 },
  async () => {
    const dataDirectory = join(folder, 'data');
    const sent = Array.from({ length: senders }, (_, n) => new Sent(n + 1));
    const program = await Throughline.start({ config, dataDirectory });
    const loads = sent.map((each) => load(program.url('OTLP/HTTP'), each));
    await expect
      .poll(() => sent.every(({ acknowledged }) => acknowledged.size > 0), { timeout: 10_000 })
      .toBe(true);
    const begun = performance.now();
    expect(await program.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(5000);
    await Promise.all(loads);
    await expectStored(dataDirectory, sent);
  },
);

/** Starts the program once more, and compares what it has with what was sent. */
async function expectStored(dataDirectory: string, sent: readonly Sent[]): Promise<void> {
  const program = await Throughline.start({ config, dataDirectory });
  await expect.poll(async () => lagOf(await status(program)), { timeout: 30_000 }).toBe(0);
  const stored = await Promise.all(sent.map((each) => storedSpans(program, each)));
  expect(sent.flatMap((each, n) => faults(each, stored[n]!))).toEqual([]);
  expect((await status(program)).spans.stored).toBe(stored.flat().length);
  expect(sent.filter(({ acknowledged }) => acknowledged.size > 0).length).toBeGreaterThan(sent.length / 4);
  expect(await program.stop()).toEqual({ code: 0, signal: null });
}

function lagOf({ journal }: Status): number {
  return journal.flatMap(({ consumers }) => consumers).reduce((sum, { lag_bytes }) => sum + lag_bytes, 0);
}

/** Ids of the trace's spans; none where nothing of it was stored. */
async function storedSpans(program: Throughline, { traceId }: Sent): Promise<string[]> {
  const trace = await get<Trace>(program, `traces/${traceId}`);
  return trace?.spans.map(({ span_id }) => span_id) ?? [];
}

/** What is wrong with what is stored of a trace. */
function faults({ traceId, all, acknowledged }: Sent, stored: readonly string[]): string[] {
  const there = new Set(stored);
  const lost = [...acknowledged].filter((id) => !there.has(id)).length;
  const invented = stored.filter((id) => !all.has(id)).length;
  const twice = stored.length - there.size;
  return lost + invented + twice === 0
    ? []
    : [`${traceId}: ${lost} lost, ${twice} twice, ${invented} never sent, ${acknowledged.size} acknowledged`];
}
