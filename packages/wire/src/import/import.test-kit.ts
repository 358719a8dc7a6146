import { decodeLogs, decodeTraces } from '../decode.ts';
import { Import, type ImportOptions, type ImportReport } from './import.ts';
import type { LogRecord, Span } from '@throughline/model';

export interface Imported {
  readonly spans: Span[];
  readonly logs: LogRecord[];
  readonly report: ImportReport;
}

/** What is made of a file; it arrives in pieces of `chunkBytes`. */
export async function imported(
  file: unknown,
  options: Partial<ImportOptions> & { chunkBytes?: number } = {},
): Promise<Imported> {
  const bytes =
    file instanceof Uint8Array ? file : Buffer.from(typeof file === 'string' ? file : JSON.stringify(file));
  const { chunkBytes = 64 * 1024, ...rest } = options;
  const it = new Import({ maxDocumentBytes: 2 ** 24, ...rest });
  const [spans, logs]: [Span[], LogRecord[]] = [[], []];
  for await (const batch of it.batches(chunksOf(bytes, chunkBytes))) {
    if (batch.signal === 'traces') spans.push(...decodeTraces(batch.bytes));
    else logs.push(...decodeLogs(batch.bytes));
  }
  return { spans, logs, report: it.report };
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
