// A worker thread that reads a range of a journal and answers with what stands in it.
import { parentPort } from 'node:worker_threads';
import { readRecords } from '../reader.ts';

parentPort!.on('message', ({ directory, from, to }: { directory: string; from: number; to: number }) => {
  void answer(directory, from, to);
});

async function answer(directory: string, from: number, to: number): Promise<void> {
  const texts: string[] = [];
  for await (const { payload } of readRecords(directory, from, to))
    texts.push(Buffer.from(payload).toString());
  parentPort!.postMessage(texts);
}
