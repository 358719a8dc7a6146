import type * as ffi from 'ffi-rs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const everyMs = 5_000;
/** A rest is an interval in which the process used less than this share of one core. */
const restingShare = 0.1;
/** What must have been taken since the memory was last given back. */
const worthwhileBytes = 24 * 2 ** 20;

/**
 * Gives memory back to the system after a load. What JavaScript frees stays with the C library, which keeps it for the
 * next load; so an idle program would be as large as its busiest moment. Looks every five seconds, and acts when the
 * program rests and has grown.
 */
export class MemoryKeeper {
  #timer: NodeJS.Timeout | undefined;
  #cpu = process.cpuUsage();
  #settledBytes = 0;

  start(): void {
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    if ((user + system) / 1000 > everyMs * restingShare) return;
    if (process.memoryUsage.rss() < this.#settledBytes + worthwhileBytes) return;
    collectGarbage();
    trimHeap();
    this.#settledBytes = process.memoryUsage.rss();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

/** glibc's malloc_trim; other C libraries give back by themselves, or cannot. */
function trimHeap(): void {
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } })
    .header;
  if (glibcVersionRuntime === undefined) return;
  const { DataType, load, open } = createRequire(import.meta.url)('ffi-rs') as typeof ffi;
  open({ library: 'c', path: 'libc.so.6' });
  load({
    library: 'c',
    funcName: 'malloc_trim',
    retType: DataType.I32,
    paramsType: [DataType.I64],
    paramsValue: [0],
  });
}
