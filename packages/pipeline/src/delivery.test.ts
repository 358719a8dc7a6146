import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@throughline/journal';
import { InvalidData, Overloaded } from '@throughline/model';
import { afterEach, expect, test } from 'vitest';
import type { Exporter } from './component.ts';
import type { RetryOnFailure } from './config/sending.ts';
import { defaultRetry } from './backoff.ts';
import { systemClock, type Clock } from './clock.ts';
import { Delivery } from './delivery.ts';
import type { JournalRange } from './journal-range.ts';

const folders: string[] = [];
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

interface Setup {
  /** One entry per attempt; what is missing succeeds. */
  readonly outcomes?: readonly (Error | 'ok' | 'hang')[];
  readonly retry?: RetryOnFailure;
  readonly maxBytes?: number;
  readonly maxDelayMs?: number;
  readonly directory?: string;
}

/** A delivery over a real journal, with a clock that jumps over pauses and writes down what happens. */
async function setup({ outcomes = [], retry, maxBytes = 1e6, maxDelayMs = 0, directory }: Setup = {}) {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'delivery-'));
  if (!directory) folders.push(folder);
  const journal = await Journal.open({ directory: folder, minFreeBytes: 0, log: quiet });
  const events: string[] = [];
  const attempts: JournalRange[] = [];
  let timeMs = 0;
  const clock: Clock = {
    now: () => timeMs,
    async sleep(ms, abort) {
      // The wait for a range to fill and the end of the program are real; pauses after failures are jumped over.
      if (ms === maxDelayMs || ms === 250 || ms === graceMs) return systemClock.sleep(ms, abort);
      events.push(`wait ${ms}`);
      timeMs += ms;
    },
  };
  const exporter: Exporter = {
    start: async () => {},
    stop: async () => {},
    delivery: { maxBytes, maxDelayMs, ...(retry && { retry }) },
    async deliver(range) {
      const outcome = outcomes[attempts.push(range) - 1] ?? 'ok';
      const texts: string[] = [];
      for await (const batch of range.batches()) texts.push(Buffer.from(batch.bytes).toString());
      events.push(`deliver ${texts.join('+')}`);
      if (outcome === 'hang')
        await new Promise((_, reject) =>
          range.abort.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      if (outcome instanceof Error) throw outcome;
    },
  };
  const delivery = new Delivery({
    pipeline: 'traces',
    signal: 'traces',
    exporterId: 'out',
    exporter,
    journal,
    cursor: journal.cursor('out'),
    clock,
    random: () => 0.5,
    log: quiet,
    metrics: {
      sent: (_signal, items) => events.push(`sent ${items}`),
      dropped: (_signal, items, reason) => events.push(`dropped ${items} ${reason}`),
      failed: () => {},
    },
  });
  let open = true;
  const end = async (withinMs = graceMs) => {
    if (!open) return;
    open = false;
    await delivery.stop(withinMs);
    await journal.close();
  };
  ends.push(end);
  const append = (text: string, items = 1) => journal.append(Buffer.from(text), items);
  const until = async (event: string) => {
    await expect.poll(() => events, { timeout: 5000 }).toContain(event);
    return events;
  };
  return { folder, journal, delivery, attempts, append, until, end, events };
}

const graceMs = 1001;

test('what is appended is delivered in order and counted', async () => {
  const { append, delivery, until, journal, events } = await setup();
  delivery.start();
  await append('a', 2);
  await until('sent 2');
  await append('b', 3);
  await until('sent 3');
  await expect.poll(() => journal.cursor('out').position).toBe(journal.end);
  expect(events).toEqual(['deliver a', 'sent 2', 'deliver b', 'sent 3']);
});

test('a delivery waits for more until its time is over', async () => {
  const { append, delivery, until } = await setup({ maxDelayMs: 60 });
  delivery.start();
  await append('a');
  await append('b');
  expect(await until('sent 2')).toEqual(['deliver a+b', 'sent 2']);
});

test('a delivery is cut when it is full, however long it may wait', async () => {
  const { append, delivery, until } = await setup({ maxDelayMs: 60_000, maxBytes: 100 });
  delivery.start();
  for (const text of ['a', 'b', 'c']) await append(text.repeat(60));
  const events = await until(`deliver ${'b'.repeat(60)}`);
  expect(events.slice(0, 2)).toEqual([`deliver ${'a'.repeat(60)}`, 'sent 1']);
});

test('a failed delivery is tried again with growing waits until it succeeds', async () => {
  const { append, delivery, until, attempts } = await setup({
    outcomes: Array.from({ length: 10 }, () => new Error('down')),
  });
  delivery.start();
  await append('a');
  const events = await until('sent 1');
  expect(events.filter((event) => event.startsWith('wait'))).toEqual(
    [1000, 1500, 2250, 3375, 5062.5, 7593.75, 11390.625, 17085.9375, 25628.90625, 30_000].map(
      (ms) => `wait ${ms}`,
    ),
  );
  expect(new Set(attempts.map((range) => range.token)).size).toBe(1);
});

test('a backend that says when it wants to be asked again is asked then', async () => {
  const { append, delivery, until } = await setup({ outcomes: [new Overloaded('busy', 45_000)] });
  delivery.start();
  await append('a');
  expect(await until('sent 1')).toEqual(['deliver a', 'wait 45000', 'deliver a', 'sent 1']);
});

test('data that the backend will never take is dropped, counted, and does not hold up the rest', async () => {
  const { append, delivery, until } = await setup({ outcomes: [new InvalidData('bad')] });
  delivery.start();
  await append('a', 7);
  await until('dropped 7 invalid_data');
  await append('b');
  expect(await until('sent 1')).toEqual(['deliver a', 'dropped 7 invalid_data', 'deliver b', 'sent 1']);
});

test('without retries a failure drops the data', async () => {
  const { append, delivery, until } = await setup({
    outcomes: [new Error('down')],
    retry: { ...defaultRetry, enabled: false },
  });
  delivery.start();
  await append('a');
  expect(await until('dropped 1 no_retry')).toEqual(['deliver a', 'dropped 1 no_retry']);
});

test('data is dropped when it could not be sent for as long as the configuration allows', async () => {
  const { append, delivery, until } = await setup({
    outcomes: Array.from({ length: 9 }, () => new Error('down')),
    retry: { ...defaultRetry, maxElapsedTime: 2000 },
  });
  delivery.start();
  await append('a');
  const events = await until('dropped 1 gave_up');
  expect(events).toEqual([
    'deliver a',
    'wait 1000',
    'deliver a',
    'wait 1500',
    'deliver a',
    'dropped 1 gave_up',
  ]);
});

test('stopping delivers what the journal holds without waiting for more', async () => {
  const { append, delivery, end, events } = await setup({ maxDelayMs: 60_000, maxBytes: 100 });
  delivery.start();
  for (const text of ['a', 'b', 'c']) await append(text.repeat(60));
  await end();
  expect(events.filter((event) => event === 'sent 1')).toHaveLength(3);
});

test('stopping does not wait for a backend that fails', async () => {
  const { append, delivery, end, journal, events } = await setup({
    outcomes: [new Error('down'), new Error('down')],
    maxDelayMs: 60_000,
  });
  delivery.start();
  await append('a');
  await end();
  expect(events).toEqual(['deliver a']);
  expect(journal.cursor('out').position).toBe(0);
});

test('a delivery under way is aborted when the time to stop is over, and the very same range is delivered after a restart', async () => {
  const first = await setup({ outcomes: ['hang'], maxBytes: 100 });
  first.delivery.start();
  await first.append('a'.repeat(60));
  await first.until(`deliver ${'a'.repeat(60)}`);
  await first.append('b');
  await first.end(10);

  const second = await setup({ directory: first.folder, maxBytes: 1e6 });
  second.delivery.start();
  expect((await second.until('deliver b')).slice(0, 3)).toEqual([
    `deliver ${'a'.repeat(60)}`,
    'sent 1',
    'deliver b',
  ]);
  expect(second.attempts[0]!.token).toBe(first.attempts[0]!.token);
  expect(second.attempts[0]!.token).toBe(`${second.journal.id}:0-${second.attempts[0]!.to}`);
});
