import { InvalidData, Overloaded, StartError } from '@throughline/model';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { recordHeaderBytes, segmentHeader, segmentName } from './format.ts';
import { eventually, openJournal, readAll, testFolder, textsOf } from './testing/folder.ts';

const record = (bytes: number) => new Uint8Array(bytes - recordHeaderBytes);

test('keeps what was appended, in the order of the calls, over a restart', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory);
  const texts = Array.from({ length: 5000 }, (_, n) => `batch ${n}`);
  const positions = await Promise.all(texts.map((text, n) => journal.append(Buffer.from(text), n)));
  expect(positions.toSorted((a, b) => a - b)).toEqual(positions);
  expect(journal.stats().syncs).toBeLessThan(20);
  await journal.close();

  const again = await openJournal(directory);
  expect(again.id).toBe(journal.id);
  expect(again.end).toBe(journal.end);
  const { records } = await readAll(directory, again.start, again.end);
  expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(texts);
  expect(records.map(({ position }) => position)).toEqual(positions);
  expect(records.map(({ items }) => items)).toEqual(texts.map((_, n) => n));
  await again.close();
});

test('answers an append only after its own fsync', async () => {
  const journal = await openJournal(testFolder());
  const first = journal.append(Buffer.from('a'), 1);
  await first;
  expect(journal.stats().syncs).toBe(1);
  expect(journal.end).toBe(21);
  await Promise.all([journal.append(Buffer.from('b'), 1), journal.append(Buffer.from('c'), 1)]);
  expect(journal.stats()).toMatchObject({ syncs: 2, appendedRecords: 3, appendedItems: 3, waitingBytes: 0 });
  await journal.close();
  await expect(journal.append(Buffer.from('d'), 1)).rejects.toThrow('closed');
});

test('finishes what is waiting when it is closed', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory);
  const waiting = [journal.append(Buffer.from('a'), 1), journal.append(Buffer.from('b'), 1)];
  await journal.close();
  expect(await Promise.all(waiting)).toEqual([0, 21]);
  const again = await openJournal(directory);
  expect(await textsOf(again)).toEqual(['a', 'b']);
  await again.close();
});

test('cuts ranges at record boundaries without reading the payloads', async () => {
  const journal = await openJournal(testFolder(), { segmentBytes: 250 });
  for (const items of [1, 2, 3, 4]) await journal.append(record(100), items);
  expect(journal.stats().segments).toBe(2);
  expect(journal.rangeFrom(0, 250)).toEqual({ from: 0, to: 200, records: 2, items: 3 });
  expect(journal.rangeFrom(100, 200)).toEqual({ from: 100, to: 300, records: 2, items: 5 });
  expect(journal.rangeFrom(100, 1)).toEqual({ from: 100, to: 200, records: 1, items: 2 });
  expect(journal.rangeFrom(0, 1e9)).toEqual({ from: 0, to: 400, records: 4, items: 10 });
  expect(journal.rangeFrom(400, 1e9)).toEqual({ from: 400, to: 400, records: 0, items: 0 });
  expect(journal.range(100, 300)).toEqual({ from: 100, to: 300, records: 2, items: 5 });
  await journal.close();
});

test('a range that was begun is known after a restart, until it is committed', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory);
  for (const text of ['a', 'b', 'c']) await journal.append(Buffer.from(text), 1);
  const cursor = journal.cursor('otlp_http/backup');
  await cursor.begin(42);
  await journal.close();

  const again = await openJournal(directory);
  const same = again.cursor('otlp_http/backup');
  expect([same.position, same.pending]).toEqual([0, 42]);
  await same.begin(42);
  await expect(same.begin(63)).rejects.toThrow('under way');
  await same.commit();
  await expect(same.commit()).rejects.toThrow('no delivery');
  await expect(same.begin(64)).rejects.toThrow('not yet durable');
  await expect(same.begin(42)).rejects.toThrow('not after');
  await again.close();

  const last = await openJournal(directory);
  expect(last.cursors().map(({ name, position, pending }) => [name, position, pending])).toEqual([
    ['otlp_http/backup', 42, undefined],
  ]);
  await last.close();
});

test('deletes the segments that every cursor has passed, and no other', async () => {
  const journal = await openJournal(testFolder(), { segmentBytes: 250 });
  const [fast, slow] = [journal.cursor('fast'), journal.cursor('slow')];
  for (let n = 0; n < 6; n++) await journal.append(record(100), 1);
  await fast.begin(600);
  await fast.commit();
  expect(journal.start).toBe(0);
  await slow.begin(300);
  await slow.commit();
  expect(journal.start).toBe(200);
  const late = journal.cursor('late');
  expect(late.position).toBe(200);
  await journal.removeCursor('slow');
  expect(journal.start).toBe(200);
  await journal.removeCursor('late');
  await eventually(() => journal.start === 600);
  await journal.close();
});

test('an idle journal shrinks to nothing and keeps its position', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory);
  const cursor = journal.cursor('store');
  await journal.append(new Uint8Array(20 * 2 ** 20), 1);
  await cursor.begin(journal.end);
  await cursor.commit();
  await eventually(() => journal.stats().bytes < 1000);
  const { end } = journal;
  await journal.close();
  const again = await openJournal(directory);
  expect([again.start, again.end, again.cursor('store').position]).toEqual([end, end, end]);
  expect(await again.append(Buffer.from('next'), 1)).toBe(end);
  await again.close();
});

test('refuses with a delay when its limit is reached, and takes again what fits after a delivery', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory, { maxBytes: 10_000 });
  const cursor = journal.cursor('store');
  let appended = 0;
  const refusal = await (async () => {
    for (;;) {
      try {
        await journal.append(record(500), 1);
        appended++;
      } catch (error) {
        return error;
      }
    }
  })();
  expect(refusal).toBeInstanceOf(Overloaded);
  expect((refusal as Overloaded).retryAfterMs).toBeGreaterThan(0);
  expect(appended).toBeGreaterThan(15);
  expect(folderBytes(directory)).toBeLessThanOrEqual(10_000);
  expect(journal.stats().bytes).toBeLessThanOrEqual(10_000);
  await expect(journal.append(record(6000), 1)).rejects.toBeInstanceOf(InvalidData);

  await cursor.begin(journal.end);
  await cursor.commit();
  await journal.append(record(4000), 1);
  await journal.close();
});

test('a delivered journal takes a record of half its limit whatever is left in the last segment', async () => {
  const journal = await openJournal(testFolder(), { maxBytes: 10_000 });
  const cursor = journal.cursor('store');
  for (let n = 0; n < 20; n++) {
    await journal.append(record(n % 2 === 0 ? 5000 : 300), 1);
    await cursor.begin(journal.end);
    await cursor.commit();
    await eventually(() => journal.stats().bytes < 1000);
  }
  await journal.close();
});

test('keeps the free-space floor of the file system', async () => {
  const journal = await openJournal(testFolder(), { minFreeBytes: 2 ** 60 });
  await expect(journal.append(record(100), 1)).rejects.toBeInstanceOf(Overloaded);
  expect(journal.end).toBe(0);
  await journal.close();
});

test('wakes those who wait for a position, and those who give up', async () => {
  const journal = await openJournal(testFolder());
  const abort = new AbortController();
  const [first, second, aborted] = [0, 100, 1000].map((p) => journal.waitPast(p, abort.signal));
  await journal.append(record(100), 1);
  await first;
  await journal.append(record(100), 1);
  await second;
  await journal.waitPast(199, abort.signal);
  abort.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await expect(journal.waitPast(200, abort.signal)).rejects.toThrow('enough');
  const left = journal.waitPast(200, new AbortController().signal);
  await Promise.all([expect(left).rejects.toThrow('closed'), journal.close()]);
});

test('refuses a journal of a newer version by one sentence', async () => {
  const directory = testFolder();
  await (await openJournal(directory)).close();
  const header = segmentHeader(0, '0011223344556677');
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  writeFileSync(join(directory, segmentName(0)), header);
  await expect(openJournal(directory)).rejects.toThrow('was written by a newer version');
});

test('says in one sentence that its folder cannot be used', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, '');
  const opening = openJournal(join(file, 'journal'));
  await expect(opening).rejects.toBeInstanceOf(StartError);
  await expect(opening).rejects.toThrow(/^the journal in .* cannot be opened: ENOTDIR/);
});

function folderBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
