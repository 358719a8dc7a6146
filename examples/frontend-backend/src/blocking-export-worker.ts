import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockingExportWork } from './blocking-export.ts';

const { url, delayMs, done } = workerData as BlockingExportWork;

parentPort?.on('message', (body: Uint8Array<ArrayBuffer>) => {
  void send(body).finally(() => {
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  });
});

async function send(body: Uint8Array<ArrayBuffer>): Promise<void> {
  await delay(delayMs);
  const headers = { 'content-type': 'application/json' };
  await fetch(url, { method: 'POST', headers, body }).catch((error: unknown) => {
    process.stderr.write(`a span is lost: ${String(error)}\n`);
  });
}
