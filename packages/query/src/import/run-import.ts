import { InvalidData, type TraceId } from '@throughline/model';
import type { Batch, ImportReport } from '@throughline/wire';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface ImportJob {
  readonly maxDocumentBytes: number;
}

/** What the thread that reads wants to have or have done. */
export type Question =
  | { readonly want: 'chunk' }
  | { readonly want: 'known'; readonly traceIds: readonly TraceId[] }
  | { readonly want: 'known logs'; readonly times: readonly bigint[] }
  | { readonly want: 'taken'; readonly batch: Batch }
  | { readonly want: 'nothing'; readonly report: ImportReport; readonly failure: string | undefined };

export type Answer<Q extends Question> = Q extends { want: 'chunk' }
  ? Uint8Array | undefined
  : Q extends { want: 'known' | 'known logs' }
    ? Set<string>
    : undefined;

export interface ImportHelp {
  known(traceIds: readonly TraceId[]): Promise<Set<string>>;
  knownLogs(times: readonly bigint[]): Promise<Set<string>>;
  take(batch: Batch): Promise<void>;
  readonly abort: AbortSignal;
}

/** JSON takes several times as much memory as its text. */
const maxHeapMb = 3_072;

/**
 * Reads the file in a thread of its own, which ends with it. `failure` is why it was not read to its end; what was
 * taken before that is in the report. Rejects with what `help` rejects with, and when the client goes away.
 */
export async function runImport(
  file: AsyncIterable<Uint8Array>,
  job: ImportJob,
  help: ImportHelp,
): Promise<{ report: ImportReport; failure: string | undefined }> {
  const chunks = file[Symbol.asyncIterator]();
  const worker = new Worker(new URL(`./import-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: job,
    // What is made of a document is short-lived beside it: a large young generation keeps it apart.
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 96 },
  });
  let gone = () => {};
  try {
    return await new Promise((resolve, reject) => {
      gone = () => reject(help.abort.reason as Error);
      help.abort.addEventListener('abort', gone);
      worker.once('error', (error) => reject(tooLarge(error)));
      worker.once('exit', () => reject(new Error('the thread that reads the file ended')));
      worker.on('message', (question: Question) => {
        if (question.want === 'nothing') resolve(question);
        else answer(question).catch(reject);
      });
    });
  } finally {
    help.abort.removeEventListener('abort', gone);
    await worker.terminate();
    await chunks.return?.();
  }

  async function answer(question: Exclude<Question, { want: 'nothing' }>): Promise<void> {
    switch (question.want) {
      case 'chunk': {
        const { done, value } = await chunks.next();
        // A copy: what arrived may share its memory with others.
        const own = done ? undefined : Uint8Array.from(value);
        return worker.postMessage(own, own ? [own.buffer] : []);
      }
      case 'known':
        return worker.postMessage(await help.known(question.traceIds));
      case 'known logs':
        return worker.postMessage(await help.knownLogs(question.times));
      case 'taken':
        return worker.postMessage(await help.take(question.batch));
    }
  }
}

function tooLarge(error: Error): Error {
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new InvalidData('the document is too large to be read at once; JSON lines have no such limit', {
        cause: error,
      })
    : error;
}
