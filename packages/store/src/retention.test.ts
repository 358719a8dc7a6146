import { encodeTraces, type Batch } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EmbeddedEngine } from './engine/embedded-engine.ts';
import { retain } from './retention.ts';
import { migrate } from './schema/migrate.ts';
import { migrations } from './schema/migrations.ts';
import { Preparer } from './write/prepare.ts';
import { RangeWrite } from './write/range-write.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const now = Date.UTC(2026, 5, 15, 12);
const hour = 3_600_000;

let directory = '';
let engine: EmbeddedEngine;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-retention-'));
  engine = new EmbeddedEngine({ directory, log: silent });
  await engine.start();
  await migrate(engine);
});
afterAll(async () => {
  await engine.stop();
  await rm(directory, { recursive: true });
});

/** Stores one trace that was received so many hours ago. */
async function store(hoursAgo: number): Promise<void> {
  const id = hoursAgo.toString(16).padStart(32, '0');
  const batch: Batch = {
    signal: 'traces',
    bytes: encodeTraces(traceFromText('shop: GET /cart server 0..9', { traceId: `f${id.slice(1)}` })),
    items: 1,
  };
  async function* batches() {
    yield batch;
  }
  const received = Math.floor((now - hoursAgo * hour) / 1000);
  await new RangeWrite(
    { signal: 'traces', token: `at ${hoursAgo}`, received, maxInsertBytes: 2 ** 27 },
    batches(),
    new Preparer(),
  ).run(engine);
}

async function hoursStored(): Promise<number[]> {
  const rows = await engine.query<{ received: number }>(
    'SELECT toUnixTimestamp(received) AS received FROM spans ORDER BY received DESC',
  );
  return rows.map(({ received }) => (now / 1000 - received) / 3600);
}

it('deletes what was received too long ago, in all tables', async () => {
  for (const hours of [1, 20, 100, 400]) await store(hours);
  await retain(engine, { maxAgeMs: 48 * hour, maxBytes: 0 }, now, silent);
  expect(await hoursStored()).toEqual([1, 20]);
  for (const table of ['traces', 'red', 'resources', 'scopes'])
    expect(await engine.query(`SELECT toUInt32(uniq(_partition_id)) AS n FROM ${table}`)).toEqual([{ n: 2 }]);
});

it('keeps everything when there is no limit', async () => {
  await store(5000);
  await retain(engine, { maxAgeMs: 0, maxBytes: 0 }, now, silent);
  expect(await hoursStored()).toEqual([1, 20, 5000]);
});

it('deletes the oldest when all tables together are too large, and never the newest', async () => {
  await retain(engine, { maxAgeMs: 0, maxBytes: 1 }, now, silent);
  expect(await hoursStored()).toEqual([1]);
});

it('refuses data that a newer program has stored', async () => {
  await engine.command('INSERT INTO schema_versions (version) VALUES (99)');
  await expect(migrate(engine)).rejects.toThrow(
    `the stored data has schema version 99, which a newer Throughline wrote; this one knows ${migrations.length}`,
  );
});
