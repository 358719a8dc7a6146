import { encodeTraces, type Batch } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Engine, NativeBlock } from '../engine/engine.ts';
import { EngineUnavailable } from '../engine/engine.ts';
import { Preparer } from './prepare.ts';
import { RangeWrite } from './range-write.ts';

/** An engine that fails at the inserts with these numbers, and notes what it was given. */
function engineFailingAt(...failures: number[]) {
  const stored: string[] = [];
  let attempts = 0;
  const engine = {
    async insert(table: string, block: NativeBlock, token: string | undefined) {
      const hash = createHash('md5');
      for await (const chunk of block.body()) hash.update(chunk as Buffer);
      if (failures.includes(attempts++)) throw new EngineUnavailable('out of memory');
      stored.push(`${table} ${token ?? '-'} ${block.rows} ${hash.digest('hex').slice(0, 6)}`);
    },
  };
  return { engine: engine as unknown as Engine, stored };
}

const trace = [
  'shop: GET /cart server 0..120 error http.response.status_code=500',
  '  shop: SELECT carts client 10..50',
  '  pay: charge server 60..110',
].join('\n');

async function* batches(count: number): AsyncGenerator<Batch> {
  for (let n = 1; n <= count; n++) {
    const spans = traceFromText(trace, { traceId: n.toString(16).padStart(32, '0') });
    yield { signal: 'traces', bytes: encodeTraces(spans), items: spans.length };
  }
}

function rangeOf(count: number) {
  return rangeOfBatches(batches(count));
}

function rangeOfBatches(all: AsyncIterator<Batch>) {
  return new RangeWrite(
    { signal: 'traces', token: 'journal:0-9', received: 1_700_000_000, maxInsertBytes: 2 ** 27 },
    all,
    new Preparer(),
  );
}

/** The same batch of a thousand spans again and again. */
async function* thousands(count: number): AsyncGenerator<Batch> {
  const spans = Array.from({ length: 500 }, () =>
    traceFromText('shop: GET /cart server 0..120\n  shop: SELECT 1..2'),
  ).flat();
  const batch: Batch = { signal: 'traces', bytes: encodeTraces(spans), items: spans.length };
  for (let n = 0; n < count; n++) yield batch;
}

it('inserts what a span refers to before it, and what makes it findable after it', async () => {
  const { engine, stored } = engineFailingAt();
  await rangeOf(2).run(engine);
  expect(stored.map((each) => each.split(' ').slice(0, 3).join(' '))).toEqual([
    'resources - 2',
    'scopes - 1',
    'spans journal:0-9/0 6',
    'red journal:0-9/0 3',
    'edges journal:0-9/0 1',
    'attribute_keys journal:0-9/0 1',
    'traces journal:0-9/0 2',
  ]);
});

it('goes on with the same bytes and tokens where the engine failed', async () => {
  const whole = engineFailingAt();
  await rangeOf(5).run(whole.engine);
  for (let failure = 0; failure < whole.stored.length; failure++) {
    const { engine, stored } = engineFailingAt(failure, failure + 1);
    const write = rangeOf(5);
    await expect(write.run(engine)).rejects.toThrow('out of memory');
    await expect(write.run(engine)).rejects.toThrow('out of memory');
    await write.run(engine);
    expect(stored).toEqual(whole.stored);
  }
});

it('makes the same inserts of the same range after a restart', async () => {
  const [first, second] = [engineFailingAt(), engineFailingAt()];
  await rangeOf(50).run(first.engine);
  await rangeOf(50).run(second.engine);
  expect(second.stored).toEqual(first.stored);
});

it('cuts a long range into inserts with tokens of their own, and loses nothing between them', async () => {
  const { engine, stored } = engineFailingAt(3);
  const write = rangeOfBatches(thousands(250));
  await expect(write.run(engine)).rejects.toThrow('out of memory');
  await write.run(engine);
  const spans = stored.filter((each) => each.startsWith('spans '));
  expect(spans.map((each) => each.split(' ')[1])).toEqual(spans.map((_, n) => `journal:0-9/${n}`));
  expect(spans.length).toBeGreaterThan(1);
  expect(spans.reduce((sum, each) => sum + Number(each.split(' ')[2]), 0)).toBe(250_000);
});
