// The writer's thread: turns ranges of journals into inserts.
import { parentPort } from 'node:worker_threads';
import { readRange } from '@throughline/pipeline';
import { ClickHouseEngine, type ClickHouseOptions } from '../engine/clickhouse-engine.ts';
import { Preparer } from './prepare.ts';
import { RangeWrite } from './range-write.ts';
import type { WriterAnswer, WriterJob } from './writer.ts';

const port = parentPort!;
const preparer = new Preparer();
let engine: { readonly key: string; readonly client: ClickHouseEngine } | undefined;
/** Writes that failed and will be asked for again, by token. */
const unfinished = new Map<string, RangeWrite>();
let turn: Promise<void> = Promise.resolve();

port.on('message', (job: WriterJob) => {
  turn = turn.then(() => work(job));
});

async function work(job: WriterJob): Promise<void> {
  port.postMessage(await write(job));
}

async function write(job: WriterJob): Promise<WriterAnswer> {
  const { id, directory, signal, from, to, token, received, maxInsertBytes } = job;
  const damaged: WriterAnswer['damaged'] = [];
  const range =
    unfinished.get(token) ??
    new RangeWrite(
      { signal, token, received, maxInsertBytes },
      readRange(directory, signal, from, to, (damage) => damaged.push({ ...damage })),
      preparer,
    );
  try {
    await range.run(await clientOf(job.engine));
    unfinished.delete(token);
    return { id, damaged };
  } catch (error) {
    unfinished.set(token, range);
    const { name, message } = error as Error;
    return { id, damaged, error: { name, message } };
  }
}

async function clientOf(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const key = JSON.stringify(options);
  if (engine?.key !== key) {
    await engine?.client.stop();
    engine = { key, client: new ClickHouseEngine(options) };
  }
  return engine.client;
}
