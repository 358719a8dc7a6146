import { Overloaded } from '@throughline/model';
import { expect, test } from 'vitest';
import { diskFiles, unwritten, type Files } from './files.ts';
import { openJournal, readAll, recordingLog, testFolder, textsOf } from './testing/folder.ts';

type Operation = 'append' | 'sync' | 'open' | 'truncate' | 'syncDirectory' | 'rename' | 'unlink';

/** A disk on which an operation fails, as often as it is told to. */
function faultyDisk() {
  const failing = new Map<Operation, { code: string; times: number }>();
  const wrap =
    <K extends Operation>(name: K) =>
    async (...args: never[]) => {
      const fault = failing.get(name);
      if (fault === undefined || fault.times-- <= 0)
        return (diskFiles[name] as (...a: never[]) => unknown)(...args);
      throw Object.assign(new Error(`${fault.code}: the test says so`), { code: fault.code });
    };
  const names: Operation[] = ['append', 'sync', 'open', 'truncate', 'syncDirectory', 'rename', 'unlink'];
  const files = { ...diskFiles, ...Object.fromEntries(names.map((name) => [name, wrap(name)])) } as Files;
  const fail = (name: Operation, code: string, times = Infinity) => failing.set(name, { code, times });
  return { files, fail, heal: () => failing.clear() };
}

test('a full disk refuses with a delay, and takes records again when there is room', async () => {
  const disk = faultyDisk();
  const directory = testFolder();
  const log = recordingLog();
  const journal = await openJournal(directory, { files: disk.files, log });
  await journal.append(Buffer.from('a'), 1);
  disk.fail('append', 'ENOSPC');
  const refused = [journal.append(Buffer.from('b'), 1), journal.append(Buffer.from('c'), 1)];
  for (const one of await Promise.allSettled(refused)) {
    expect(one).toMatchObject({ status: 'rejected', reason: expect.any(Overloaded) });
  }
  await expect(journal.append(Buffer.from('d'), 1)).rejects.toBeInstanceOf(Overloaded);
  disk.heal();
  await journal.append(Buffer.from('e'), 1);
  expect(await textsOf(journal)).toEqual(['a', 'e']);
  expect(log.lines.map(({ event }) => event)).toEqual([
    'journal cannot be written',
    'journal can be written again',
  ]);
  await journal.close();
  const again = await openJournal(directory);
  expect(await textsOf(again)).toEqual(['a', 'e']);
  await again.close();
});

for (const operation of ['append', 'sync'] as const) {
  for (const alsoFailing of [undefined, 'truncate', 'open', 'unlink', 'syncDirectory'] as const) {
    const and = alsoFailing === undefined ? '' : `, then of ${alsoFailing},`;
    test(`after a failure of ${operation}${and} exactly what was acknowledged is kept`, async () => {
      const disk = faultyDisk();
      const directory = testFolder();
      const journal = await openJournal(directory, { files: disk.files });
      const acknowledged: string[] = [];
      const append = async (text: string) => {
        await journal.append(Buffer.from(text), 1);
        acknowledged.push(text);
      };
      for (let round = 0; round < 4; round++) {
        // The first round fails in a segment without any record.
        disk.fail(operation, 'EIO', 1);
        if (alsoFailing !== undefined) disk.fail(alsoFailing, 'EIO', 1);
        const texts = [1, 2, 3].map((n) => `${round}.${n}`);
        const failed = await Promise.allSettled(texts.map(append));
        expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
        await append(`${round} perhaps`).catch(() => undefined);
        disk.heal();
        await append(`${round} again`);
      }
      expect(await textsOf(journal)).toEqual(acknowledged);
      await journal.close();
      const again = await openJournal(directory);
      expect(await textsOf(again)).toEqual(acknowledged);
      expect(again.end).toBe(journal.end);
      expect(again.range(0, again.end).records).toBe(acknowledged.length);
      await again.close();
    });
  }
}

test('never syncs a file again whose sync has failed', async () => {
  const synced: number[] = [];
  const opened: number[] = [];
  let broken: number | undefined;
  const files: Files = {
    ...diskFiles,
    async open(path, flags) {
      const fd = await diskFiles.open(path, flags);
      opened.push(fd);
      return fd;
    },
    async sync(fd) {
      if (fd === broken) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      synced.push(fd);
      await diskFiles.sync(fd);
    },
    // Kept open, so that no other file gets the number of the broken one.
    close: () => Promise.resolve(),
  };
  const journal = await openJournal(testFolder(), { files });
  await journal.append(Buffer.from('a'), 1);
  broken = synced.at(-1);
  await expect(journal.append(Buffer.from('b'), 1)).rejects.toThrow('cannot be written');
  synced.length = 0;
  await journal.append(Buffer.from('c'), 1);
  expect(synced.length).toBeGreaterThan(0);
  expect(synced).not.toContain(broken);
  expect(await textsOf(journal)).toEqual(['a', 'c']);
  await journal.close();
  for (const fd of opened) await diskFiles.close(fd).catch(() => undefined);
});

test('goes on behind what the system has taken of a group', () => {
  const buffers = ['abc', '', 'de', 'f'].map((text) => Buffer.from(text));
  for (let bytes = 0; bytes <= 6; bytes++) {
    expect(Buffer.concat(unwritten(buffers, bytes)).toString()).toBe('abcdef'.slice(bytes));
  }
  expect(unwritten(buffers, 6)).toEqual([]);
  expect(buffers.join()).toBe('abc,,de,f');
});

test('what was refused is not there after a restart, even if nothing was written since', async () => {
  const disk = faultyDisk();
  const directory = testFolder();
  const journal = await openJournal(directory, { files: disk.files });
  await journal.append(Buffer.from('a'), 1);
  disk.fail('sync', 'EIO');
  await expect(journal.append(Buffer.from('b'), 1)).rejects.toThrow('EIO');
  const again = await openJournal(directory);
  expect(await textsOf(again)).toEqual(['a']);
  await again.close();
  await journal.close();
});

test('a segment that failed while it was empty is replaced, not deleted under its successor', async () => {
  const disk = faultyDisk();
  const journal = await openJournal(testFolder(), { files: disk.files });
  const cursor = journal.cursor('store');
  disk.fail('sync', 'EIO', 1);
  await expect(journal.append(Buffer.from('a'), 1)).rejects.toThrow('EIO');
  for (const text of ['b', 'c']) await journal.append(Buffer.from(text), 1);
  await cursor.begin(21);
  await cursor.commit();
  expect(journal.stats().segments).toBe(1);
  expect(await textsOf(journal)).toEqual(['b', 'c']);
  await journal.close();
});

test('a cursor that cannot be written stays where it was, and moves when it can', async () => {
  const disk = faultyDisk();
  const directory = testFolder();
  const journal = await openJournal(directory, { files: disk.files });
  await journal.append(Buffer.from('a'), 1);
  const cursor = journal.cursor('store');
  disk.fail('rename', 'EIO');
  await expect(cursor.begin(21)).rejects.toThrow('EIO');
  expect(cursor.pending).toBeUndefined();
  disk.heal();
  await cursor.begin(21);
  disk.fail('append', 'ENOSPC');
  await expect(cursor.commit()).rejects.toThrow('ENOSPC');
  expect([cursor.position, cursor.pending]).toEqual([0, 21]);
  disk.heal();
  await cursor.commit();
  await journal.close();
  const again = await openJournal(directory);
  expect(again.cursor('store').position).toBe(21);
  await again.close();
});

test('a segment that cannot be deleted is deleted with the next delivery', async () => {
  const disk = faultyDisk();
  const log = recordingLog();
  const journal = await openJournal(testFolder(), { files: disk.files, log, segmentBytes: 200 });
  const cursor = journal.cursor('store');
  for (let n = 0; n < 4; n++) await journal.append(new Uint8Array(100), 1);
  await cursor.begin(240);
  disk.fail('unlink', 'EIO');
  await cursor.commit();
  expect(journal.start).toBe(0);
  expect(log.lines.map(({ event }) => event)).toEqual(['journal segment not deleted']);
  disk.heal();
  await cursor.begin(360);
  await cursor.commit();
  expect(journal.start).toBe(360);
  const { records } = await readAll(journal.directory, journal.start, journal.end);
  expect(records).toHaveLength(1);
  await journal.close();
});
