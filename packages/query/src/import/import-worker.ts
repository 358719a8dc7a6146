// The thread that reads a file: a document of a hundred megabytes takes seconds, in which nobody else may wait.
import { InvalidData, type TraceId } from '@throughline/model';
import { Import } from '@throughline/wire';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, ImportJob, Question } from './run-import.ts';

const port = parentPort!;
const { maxDocumentBytes } = workerData as ImportJob;

/** The main thread answers one question after the other. */
function ask<Q extends Question>(question: Q, bytes?: Uint8Array<ArrayBuffer>): Promise<Answer<Q>> {
  return new Promise((resolve) => {
    port.once('message', resolve);
    port.postMessage(question, bytes ? [bytes.buffer] : []);
  });
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = await ask({ want: 'chunk' });
    if (!chunk) return;
    yield chunk;
  }
}

async function known(traceIds: readonly TraceId[]): Promise<Set<string>> {
  return ask({ want: 'known', traceIds });
}

async function knownLogs(times: readonly bigint[]): Promise<Set<string>> {
  return ask({ want: 'known logs', times });
}

const file = new Import({ maxDocumentBytes, known, knownLogs });
let failure: string | undefined;
try {
  for await (const { signal, bytes, items } of file.batches(chunks())) {
    const own = Uint8Array.from(bytes);
    await ask({ want: 'taken', batch: { signal, bytes: own, items } }, own);
  }
} catch (error) {
  if (!(error instanceof InvalidData)) throw error;
  failure = error.message;
}
port.postMessage({ want: 'nothing', report: file.report, failure } satisfies Question);
