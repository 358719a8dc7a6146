import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal, readAll, recordingLog, testFolder } from './testing/folder.ts';
import { seeded } from './testing/random.ts';

interface Acknowledged {
  readonly position: number;
  readonly items: number;
  readonly length: number;
}

const program = (name: string) => new URL(`./testing/${name}${extname(import.meta.url)}`, import.meta.url);

test('kill -9 at any moment loses no record that was acknowledged', { timeout: 60_000 }, async () => {
  const directory = testFolder();
  const random = seeded(3);
  const acknowledged = new Map<number, Acknowledged>();
  for (let round = 1; round <= 5; round++) {
    const before = acknowledged.size;
    const child = fork(program('appender'), [directory, String(round)]);
    child.on('message', (message: Acknowledged) => acknowledged.set(message.position, message));
    await once(child, 'message');
    setTimeout(() => child.kill('SIGKILL'), random() * 300);
    await once(child, 'close');
    expect(acknowledged.size).toBeGreaterThan(before);

    const log = recordingLog();
    const journal = await openJournal(directory, { log });
    expect(log.lines.filter(({ event }) => event !== 'journal tail cut off')).toEqual([]);
    const { records, damages } = await readAll(directory, journal.start, journal.end);
    expect(damages).toEqual([]);
    const found = new Map(records.map((record) => [record.position, record]));
    for (const { position, items, length } of acknowledged.values()) {
      expect(found.get(position)?.items).toBe(items);
      expect(Buffer.from(found.get(position)!.payload).equals(Buffer.alloc(length, String(items)))).toBe(
        true,
      );
    }
    await journal.close();
  }
});

test('a worker thread reads ranges while the journal is written', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory, { segmentBytes: 10_000 });
  const worker = new Worker(program('read-worker'));
  onTestFinished(async () => void (await worker.terminate()));
  const cursor = journal.cursor('store');
  const texts = Array.from({ length: 400 }, (_, n) => `${n} `.repeat(50));
  const writing = (async () => {
    for (const text of texts) await journal.append(Buffer.from(text), 1);
  })();
  const read: string[] = [];
  while (read.length < texts.length) {
    await journal.waitPast(cursor.position, new AbortController().signal);
    const { to } = journal.rangeFrom(cursor.position, 5000);
    await cursor.begin(to);
    worker.postMessage({ directory, from: cursor.position, to });
    const [answer] = (await once(worker, 'message')) as [string[]];
    read.push(...answer);
    await cursor.commit();
  }
  await writing;
  expect(read).toEqual(texts);
  expect(journal.stats().segments).toBeLessThanOrEqual(2);
  await journal.close();
});
