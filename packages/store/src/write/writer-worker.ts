// The writer's thread: turns ranges of journals into inserts.
import { parentPort } from 'node:worker_threads';
import { readRange } from '@throughline/pipeline';
import { ClickHouseEngine, type ClickHouseOptions } from '../engine/clickhouse-engine.ts';
import { ChunkBuffers } from './chunk-buffers.ts';
import { Preparer } from './prepare.ts';
import { RangeWrite } from './range-write.ts';
import type { WriterAnswer, WriterJob } from './writer.ts';

const port = parentPort!;
const preparer = new Preparer();
const buffers = new ChunkBuffers();
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
  const range = unfinished.get(token) ?? begin();
  try {
    await range.run(await clientOf(job.engine));
    unfinished.delete(token);
    return { id, damaged };
  } catch (error) {
    unfinished.set(token, range);
    const { name, message } = error as Error;
    return { id, damaged, error: { name, message } };
  }

  function begin(): RangeWrite {
    const chunks = buffers.reader();
    const batches = readRange(directory, signal, from, to, {
      damaged: (damage) => damaged.push({ ...damage }),
      allocate: (bytes) => chunks.allocate(bytes),
    });
    return new RangeWrite({ signal, token, received, maxInsertBytes }, batches, preparer, () =>
      chunks.recycle(),
    );
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
