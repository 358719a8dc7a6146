import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Signal } from '@throughline/wire';
import type { JournalRange } from '@throughline/pipeline';
import type { ClickHouseOptions } from '../engine/clickhouse-engine.ts';

export interface WriterJob {
  readonly id: number;
  readonly directory: string;
  readonly signal: Signal;
  readonly from: number;
  readonly to: number;
  readonly token: string;
  /** Seconds since 1970. */
  readonly received: number;
  readonly maxInsertBytes: number;
  readonly engine: ClickHouseOptions;
}

export interface WriterAnswer {
  readonly id: number;
  readonly damaged: { from: number; to: number; items: number | undefined }[];
  readonly error?: { readonly name: string; readonly message: string };
}

interface Waiting {
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The writer's thread, seen from the main one. A thread that dies is replaced, and its jobs are rejected. */
export class Writer {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #failed = new Set<string>();
  #jobs = 0;
  #stopped = false;

  /** Stores the range. Rejects when that failed; the same range may be asked for again, and then goes on. */
  async write(range: JournalRange, engine: ClickHouseOptions, maxInsertBytes: number): Promise<WriterAnswer> {
    const { directory, signal, from, to, token, begunMs } = range;
    const worker = this.#thread();
    const id = this.#jobs++;
    const job: WriterJob = {
      id,
      directory,
      signal,
      from,
      to,
      token,
      received: Math.floor(begunMs / 1000),
      maxInsertBytes,
      engine,
    };
    const answer = await new Promise<WriterAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage(job);
    });
    // What failed is kept prepared by the thread, for the next attempt.
    if (answer.error) {
      this.#failed.add(token);
      throw new Error(`${answer.error.name}: ${answer.error.message}`);
    }
    this.#failed.delete(token);
    return answer;
  }

  /** Ends the thread, and with it all its memory, until there is something to write again. Does nothing while it works. */
  async rest(): Promise<void> {
    if (this.#waiting.size > 0 || this.#failed.size > 0) return;
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker?.terminate();
  }

  #thread(): Worker {
    if (this.#stopped) throw new Error('the writer is stopped');
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL(`./writer-worker${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    worker.on('message', (answer: WriterAnswer) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    let reason = new Error('the writer thread ended');
    worker.once('error', (error) => (reason = new Error('the writer thread failed', { cause: error })));
    worker.once('exit', () => {
      // One that was sent to rest has nothing to answer: what waits is its successor's.
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(reason);
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
