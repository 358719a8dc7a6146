import type { LogRecord, Span } from '@throughline/model';
import { encodeLogs, encodeTraces, type Batch } from '@throughline/wire';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEngine } from '../engine/embedded-engine.ts';
import { ClickHouseTraceStore } from '../read/clickhouse-trace-store.ts';
import { migrate } from '../schema/migrate.ts';
import { Preparer } from '../write/prepare.ts';

export interface TestStore {
  readonly engine: EmbeddedEngine;
  readonly store: ClickHouseTraceStore;
  /** Each call is a delivery of its own. `received`: seconds since 1970, default now. */
  write(spans: readonly Span[], received?: number): Promise<void>;
  writeLogs(records: readonly LogRecord[], received?: number): Promise<void>;
  close(): Promise<void>;
}

/** The embedded engine with empty tables, and the way into them that deliveries take. */
export async function openTestStore(): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-store-'));
  const engine = new EmbeddedEngine({ directory, log: { info: () => {}, warn: () => {} } });
  await engine.start();
  await migrate(engine);
  const preparer = new Preparer();
  let deliveries = 0;
  async function deliver(batch: Batch, received = Math.floor(Date.now() / 1000)): Promise<void> {
    const range = { token: `test-${deliveries++}`, received, part: 0, maxInsertBytes: 2 ** 26 };
    const batches = [batch][Symbol.iterator]();
    const { inserts } = await preparer.next(batch.signal, { next: async () => batches.next() }, range);
    for (const { table, block, token } of inserts) await engine.insert(table, block, token);
  }
  return {
    engine,
    store: new ClickHouseTraceStore(engine),
    write: (spans, received) =>
      deliver({ signal: 'traces', bytes: encodeTraces(spans), items: spans.length }, received),
    writeLogs: (records, received) =>
      deliver({ signal: 'logs', bytes: encodeLogs(records), items: records.length }, received),
    async close() {
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
