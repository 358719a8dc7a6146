import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from './answer.ts';
import { Delivery, type DeliveryLimits } from './delivery.ts';
import type { Encoded } from './span-batch.ts';
import { SpanTally } from './span-counts.ts';
import { ExportWatch } from './watch.ts';

const taken: Answer = { kind: 'taken', rejected: 0, message: '' };
const later = (more: object = {}): Answer => ({ kind: 'later', why: new Error('not now'), ...more });
const request = (name: string, spans = 10): Encoded => ({ body: Buffer.from(name.padEnd(1000)), spans });

/** Answers as told, and keeps who was sent when; where nothing is told it takes everything after 10 ms. */
class Script {
  readonly sent: { name: string; at: number }[] = [];
  readonly answers: (Answer | 'never')[] = [];
  usual: Answer = taken;
  flights = 0;
  mostFlights = 0;
  closed = false;
  readonly #begun = performance.now();

  async send(body: Buffer): Promise<Answer> {
    this.sent.push({ name: body.toString().trim(), at: Math.round(performance.now() - this.#begun) });
    this.mostFlights = Math.max(this.mostFlights, ++this.flights);
    const answer = this.answers.shift() ?? this.usual;
    await new Promise((resolve) => {
      if (answer !== 'never') setTimeout(resolve, 10);
    });
    this.flights--;
    return answer as Answer;
  }

  close(): void {
    this.closed = true;
  }

  get names(): string {
    return this.sent.map(({ name }) => name).join(' ');
  }
}

function setup(limits: Partial<DeliveryLimits> = {}) {
  const script = new Script();
  const lines: string[] = [];
  const tally = new SpanTally();
  const delivery = new Delivery(
    script,
    { maxBytes: 1_000_000, ...limits },
    tally,
    new ExportWatch((line) => lines.push(line)),
    undefined,
  );
  const add = (name: string, spans = 10) => {
    tally.started += spans;
    delivery.add(request(name, spans));
  };
  return { script, delivery, tally, lines, add };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('four requests are on their way at a time', async () => {
  const { script, tally, add } = setup();
  for (let each = 0; each < 10; each++) add(String(each));
  await vi.advanceTimersByTimeAsync(100);
  expect(script.mostFlights).toBe(4);
  expect(script.names).toBe('0 1 2 3 4 5 6 7 8 9');
  expect(tally.read()).toMatchObject({ exported: 100, pending: 0, dropped: 0 });
});

test('a receiver that fails is asked again after growing pauses, by one request at a time', async () => {
  const { script, tally, lines, add } = setup();
  script.usual = later();
  add('a');
  add('b');
  await vi.advanceTimersByTimeAsync(20_000);
  const pauses = script.sent.slice(2).map(({ at }, index) => at - (script.sent[index + 1]?.at ?? 0) - 10);
  expect(pauses.slice(0, 7)).toEqual([500, 750, 1125, 1688, 2532, 3797, 5000]);
  expect(lines).toEqual([
    'throughline: cannot export spans: not now; they are kept, up to 1 MB, until it works',
  ]);
  script.usual = taken;
  await vi.advanceTimersByTimeAsync(6000);
  expect(lines[1]).toMatch(/^throughline: exporting spans again after \d+\.\d s; none were lost$/);
  expect(lines).toHaveLength(2);
  expect(tally.read()).toMatchObject({ exported: 20, pending: 0, dropped: 0 });
});

test('pauses are a fifth shorter or longer by chance', async () => {
  for (const [chance, pause] of [
    [0, 400],
    [0.999999, 600],
  ] as const) {
    vi.spyOn(Math, 'random').mockReturnValue(chance);
    const { script, add } = setup();
    script.answers.push(later());
    add('a');
    await vi.advanceTimersByTimeAsync(2000);
    expect(script.sent[1]!.at - script.sent[0]!.at - 10).toBe(pause);
  }
});

test('a receiver that says when to come back is asked then and not before', async () => {
  const { script, delivery, add } = setup();
  script.answers.push(later({ afterMs: 30_000 }));
  add('a');
  await vi.advanceTimersByTimeAsync(100);
  const flushed = delivery.flush(5000);
  add('b');
  await vi.advanceTimersByTimeAsync(29_800);
  await flushed;
  expect(script.names).toBe('a');
  await vi.advanceTimersByTimeAsync(200);
  expect(script.names).toBe('a a b');
});

test('a request that fails goes behind the others', async () => {
  const { script, add } = setup();
  script.answers.push(later(), later());
  add('poison');
  await vi.advanceTimersByTimeAsync(20);
  add('b');
  add('c');
  await vi.advanceTimersByTimeAsync(2000);
  expect(script.names).toBe('poison poison b c poison');
});

test('a request that is refused is dropped, and said', async () => {
  const { script, tally, lines, add } = setup();
  script.answers.push({ kind: 'refused', why: new Error('400 Bad Request') });
  add('a');
  add('b');
  await vi.advanceTimersByTimeAsync(100);
  expect(tally.read()).toMatchObject({ exported: 10, dropped: 10, droppedBy: { rejected: 10 }, pending: 0 });
  expect(lines[0]).toBe('throughline: cannot export spans: 400 Bad Request; what it refuses is lost');
  expect(lines[1]).toMatch(/10 were lost$/);
});

test('spans that the receiver leaves out are counted, and its reason is told once', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { script, tally, add } = setup();
  script.usual = { kind: 'taken', rejected: 3, message: 'too old' };
  add('a');
  add('b');
  await vi.advanceTimersByTimeAsync(100);
  expect(tally.read()).toMatchObject({ exported: 14, dropped: 6, droppedBy: { rejected: 6 }, pending: 0 });
  expect(write.mock.calls).toEqual([
    ['throughline: the receiver took all spans but 3: too old; this is said once\n'],
  ]);
});

test('a warning of the receiver is told once, too', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { script, tally, add } = setup();
  script.usual = { kind: 'taken', rejected: 0, message: 'use TLS' };
  add('a');
  add('b');
  await vi.advanceTimersByTimeAsync(100);
  expect(tally.read()).toMatchObject({ exported: 20, dropped: 0 });
  expect(write.mock.calls).toEqual([['throughline: the receiver warns: use TLS; this is said once\n']]);
});

test('a request that is never answered is given up after half a minute', async () => {
  const { script, tally, add } = setup();
  script.usual = later({ unanswered: true });
  add('a');
  await vi.advanceTimersByTimeAsync(29_000);
  expect(tally.read()).toMatchObject({ dropped: 0, pending: 10 });
  await vi.advanceTimersByTimeAsync(7000);
  expect(tally.read()).toMatchObject({ droppedBy: { timeout: 10 }, pending: 0 });
});

test('where an export may take only so long, it is given up then, whatever failed', async () => {
  const { script, tally, lines, add } = setup({ giveUpMs: 1000 });
  script.usual = later();
  add('a');
  await vi.advanceTimersByTimeAsync(1300);
  expect(tally.read()).toMatchObject({ droppedBy: { timeout: 10 }, pending: 0 });
  expect(lines[0]).toContain('each is tried for 1000 ms');
});

test('a flush tries what fails once more, and waits no longer', async () => {
  const { script, delivery, tally, add } = setup();
  script.usual = later();
  add('a');
  let flushed = false;
  void delivery.flush(60_000).then(() => (flushed = true));
  await vi.advanceTimersByTimeAsync(500);
  expect(flushed).toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  expect([flushed, script.names]).toEqual([true, 'a a']);
  expect(tally.read()).toMatchObject({ pending: 10 });
});

test('a flush waits for a receiver that says when to come back', async () => {
  const { script, delivery, tally, add } = setup();
  script.answers.push(...Array.from({ length: 3 }, () => later({ afterMs: 1000 })));
  add('a');
  let flushed = false;
  void delivery.flush(5000).then(() => (flushed = true));
  await vi.advanceTimersByTimeAsync(4000);
  expect([flushed, script.names]).toEqual([true, 'a a a a']);
  expect(tally.read()).toMatchObject({ exported: 10, pending: 0 });
});

test('a flush waits for all that is on its way, but not for ever', async () => {
  const { script, delivery, add } = setup();
  script.answers.push('never');
  add('a');
  add('b');
  let flushed = false;
  void delivery.flush(3000).then(() => (flushed = true));
  await vi.advanceTimersByTimeAsync(2990);
  expect(flushed).toBe(false);
  await vi.advanceTimersByTimeAsync(10);
  expect(flushed).toBe(true);
});

test('who waits for a flush can be told to stop', async () => {
  const { script, delivery, add } = setup();
  script.answers.push('never');
  add('a');
  const flushed = delivery.flush(60_000);
  await vi.advanceTimersByTimeAsync(10);
  delivery.stopWaiting();
  await flushed;
  expect(vi.getTimerCount()).toBe(0);
});

test('what is not sent when it is closed is dropped, and an answer that comes late changes nothing', async () => {
  const { script, delivery, tally, add } = setup();
  for (let each = 0; each < 6; each++) add(String(each));
  await vi.advanceTimersByTimeAsync(5);
  delivery.close();
  const counts = tally.read();
  expect(counts).toMatchObject({ exported: 0, droppedBy: { shutdown: 60 }, pending: 0 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(tally.read()).toEqual(counts);
  expect(script.closed).toBe(true);
  expect(delivery.bytes).toBe(0);
});

test('a sender that throws is an export that failed', async () => {
  const { script, tally, add } = setup();
  script.send = async () => {
    throw new TypeError('header has invalid characters');
  };
  add('a');
  await vi.advanceTimersByTimeAsync(100);
  expect(tally.read()).toMatchObject({ droppedBy: { rejected: 10 }, pending: 0 });
});

test('whatever a receiver answers, every span is exported, dropped or pending, and none twice', async () => {
  const answer = fc.oneof(
    fc.constant(taken),
    fc.record({ kind: fc.constant('taken' as const), rejected: fc.nat(30), message: fc.constant('') }),
    fc.constant<Answer>({ kind: 'refused', why: new Error('no') }),
    fc.record({
      kind: fc.constant('later' as const),
      why: fc.constant(new Error('not now')),
      afterMs: fc.nat(2000),
      unanswered: fc.boolean(),
    }),
  );
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 40 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat(300)), { maxLength: 30 }),
      fc.option(fc.nat(5000), { nil: undefined }),
      async (answers, requests, giveUpMs) => {
        const { script, delivery, tally, add } = setup({ giveUpMs });
        script.answers.push(...answers);
        const adds = () => {
          const { started, exported, dropped, pending } = tally.read();
          expect(pending).toBeGreaterThanOrEqual(0);
          expect(exported + dropped + pending).toBe(started);
        };
        for (const [index, [spans, ms]] of requests.entries()) {
          add(String(index), spans);
          await vi.advanceTimersByTimeAsync(ms);
          adds();
        }
        await vi.advanceTimersByTimeAsync(400_000);
        adds();
        expect([tally.read().pending, delivery.bytes, delivery.waitingSpans]).toEqual([0, 0, 0]);
        delivery.close();
        adds();
      },
    ),
    { numRuns: 100, seed: 20260103 },
  );
});
