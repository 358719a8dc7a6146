import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baseOf, recordHeaderBytes, segmentHeaderBytes, segmentName } from './format.ts';
import { readRecords } from './reader.ts';
import { openJournal, readAll, recordingLog, testFolder, withoutFsync } from './testing/folder.ts';
import { seeded } from './testing/random.ts';

const segmentBytes = 150;
/** Three segments in all. */
const sizes = [12, 0, 31, 9, 24, 3, 60, 7];
const options = { segmentBytes, files: withoutFsync };

interface Original {
  readonly directory: string;
  readonly records: readonly { position: number; next: number; items: number; text: string }[];
  readonly files: readonly { name: string; base: number; content: Buffer }[];
  readonly end: number;
}

/** A journal of records of these sizes, and what stands in its files. */
async function original(
  directory: string,
  sizes: readonly number[],
  bytes = segmentBytes,
): Promise<Original> {
  const journal = await openJournal(directory, { ...options, segmentBytes: bytes });
  const random = seeded(7);
  for (const [n, size] of sizes.entries()) {
    await journal.append(Buffer.from(Array.from({ length: size }, () => random() * 256)), n + 1);
  }
  const { end } = journal;
  const { records } = await readAll(directory, 0, end);
  await journal.close();
  const names = readdirSync(directory).filter((name) => baseOf(name) !== undefined);
  return {
    directory,
    end,
    records: records.map(({ payload, ...rest }) => ({
      ...rest,
      text: Buffer.from(payload).toString('latin1'),
    })),
    files: names.sort().map((name) => {
      return { name, base: baseOf(name)!, content: readFileSync(join(directory, name)) };
    }),
  };
}

/** Opens a damaged copy, and checks what it gives; returns the positions of the records that are still there. */
async function survivors(directory: string, from: Original, what: string): Promise<Set<number>> {
  const log = recordingLog();
  const journal = await openJournal(directory, { ...options, log });
  const { records, damages } = await readAll(directory, journal.start, journal.end, 100);
  const known = new Map(from.records.map((record) => [record.position, record]));
  for (const { position, items, payload } of records) {
    expect(known.get(position), what).toMatchObject({ items, text: Buffer.from(payload).toString('latin1') });
  }
  const kept = records.reduce((sum, { payload }) => sum + recordHeaderBytes + payload.length, 0);
  const told = damages.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(kept + told, what).toBe(journal.end - journal.start);
  expect(journal.rangeFrom(journal.start, Infinity).to, what).toBe(journal.end);

  const position = await journal.append(Buffer.from('after'), 1);
  const after = await readAll(directory, position, journal.end);
  expect(Buffer.from(after.records[0]!.payload).toString(), what).toBe('after');
  await journal.close();
  return new Set(records.map(({ position: at }) => at));
}

function copyOf(from: Original, directory: string): string {
  cpSync(from.directory, directory, { recursive: true });
  return directory;
}

test('a crash at any byte loses no record before it, and no other but the torn one is cut off', async () => {
  const from = await original(testFolder(), sizes);
  expect(from.files.length).toBeGreaterThan(2);
  const copies = testFolder();
  const last = from.files.at(-1)!;
  for (let bytes = 0; bytes <= last.content.length; bytes++) {
    const directory = copyOf(from, join(copies, `${bytes}`));
    truncateSync(join(directory, last.name), bytes);
    const cut = last.base + Math.max(0, bytes - segmentHeaderBytes);
    const log = recordingLog();
    await (await openJournal(directory, { ...options, log })).close();
    await (await openJournal(directory, { ...options, log })).close();
    const whole = from.records.filter(({ next }) => next <= cut);
    const torn = cut - (whole.at(-1)?.next ?? 0);
    expect(log.lines).toEqual(
      torn === 0
        ? []
        : [{ event: 'journal tail cut off', fields: { at: cut - torn, records: 1, bytes: torn } }],
    );
    const left = await survivors(directory, from, `cut to ${bytes}`);
    expect([...left]).toEqual(whole.map(({ position }) => position));
  }
});

/** What is done to a file, and at which of its bytes: at each one, or at each third one. */
const damages: Record<string, { every: number; damage: (content: Buffer, at: number) => void }> = {
  'a flipped bit': { every: 1, damage: (content, at) => void (content[at]! ^= 1 << (at % 8)) },
  'eight foreign bytes': {
    every: 3,
    damage: (content, at) => void content.fill('damage!!', at, Math.min(at + 8, content.length)),
  },
  'zeros to the end of the file': { every: 3, damage: (content, at) => void content.fill(0, at) },
};

for (const [what, { every, damage }] of Object.entries(damages)) {
  test(
    `${what} anywhere costs only the records it touches, and is told of`,
    { timeout: 120_000 },
    async () => {
      const from = await original(testFolder(), sizes);
      const copies = testFolder();
      for (const { name, base, content } of from.files) {
        for (let at = 0; at < content.length; at += every) {
          const broken = Buffer.from(content);
          damage(broken, at);
          if (broken.equals(content)) continue;
          const directory = copyOf(from, join(copies, `${name}-${at}`));
          writeFileSync(join(directory, name), broken);
          const left = await survivors(directory, from, `${what} at ${at} of ${name}`);
          const same = (position: number, next: number) => {
            const [start, end] = [position, next].map((p) => segmentHeaderBytes + p - base);
            return broken.subarray(start, end).equals(content.subarray(start, end));
          };
          const inFile = (position: number) =>
            position >= base && position < base + content.length - segmentHeaderBytes;
          const whole = from.records.filter(
            ({ position, next }) => !inFile(position) || same(position, next),
          );
          expect([...left], `${what} at ${at} of ${name}`).toEqual(whole.map(({ position }) => position));
        }
      }
    },
  );
}

test('opening finds damaged payloads of the last segment: a tail is cut off, others are told of', async () => {
  const from = await original(testFolder(), [10, 20, 30], 1000);
  const [, second, third] = from.records;
  const { name, content } = from.files[0]!;
  for (const { next } of [second!, third!]) content[segmentHeaderBytes + next - 1]! ^= 1;
  writeFileSync(join(from.directory, name), content);
  const log = recordingLog();
  const journal = await openJournal(from.directory, { ...options, log });
  expect(log.lines).toEqual([{ event: 'journal tail cut off', fields: { at: 30, records: 2, bytes: 90 } }]);
  await journal.append(Buffer.from('after'), 1);
  await journal.close();

  const path = join(from.directory, name);
  const again = readFileSync(path);
  again[segmentHeaderBytes + 29]! ^= 1;
  writeFileSync(path, again);
  log.lines.length = 0;
  const damaged = await openJournal(from.directory, { ...options, log });
  expect(log.lines).toMatchObject([
    {
      event: 'journal damaged',
      fields: { from: 0, to: 30, bytes: 30, records: 1, items: 1, reason: 'payload' },
    },
  ]);
  expect(damaged.stats().damagedBytes).toBe(30);
  await damaged.close();
});

test('a large journal that is damaged in many places keeps every record that is whole', async () => {
  const random = seeded(11);
  const large = Array.from({ length: 200 }, () => Math.floor(random() * 150_000));
  const from = await original(testFolder(), large, 4 * 2 ** 20);
  const copies = testFolder();
  for (let round = 0; round < 10; round++) {
    const directory = copyOf(from, join(copies, `${round}`));
    const hits: number[] = [];
    for (const { name, base, content } of from.files) {
      const broken = Buffer.from(content);
      const at = segmentHeaderBytes + Math.floor(random() * (content.length - segmentHeaderBytes));
      broken[at]! ^= 0xff;
      hits.push(base + at - segmentHeaderBytes);
      writeFileSync(join(directory, name), broken);
    }
    const left = await survivors(directory, from, `round ${round}`);
    const whole = from.records.filter(
      ({ position, next }) => !hits.some((hit) => hit >= position && hit < next),
    );
    expect([...left]).toEqual(whole.map(({ position }) => position));
  }
});

test('a record is found again wherever it stands in the pieces that are searched', async () => {
  for (const position of [-21, -20, -19, -10, -1, 0, 1].map((distance) => 2 ** 20 + 1 + distance)) {
    const from = await original(testFolder(), [position - recordHeaderBytes, 10], 2 ** 22);
    const { name, content } = from.files[0]!;
    content[segmentHeaderBytes]! ^= 1;
    writeFileSync(join(from.directory, name), content);
    expect([...(await survivors(from.directory, from, `at ${position}`))]).toEqual([position]);
  }
});

test('a payload that holds the bytes of journal records is never taken for them', async () => {
  const from = await original(testFolder(), [30, 0, 61, 9, 80]);
  const directory = testFolder();
  const journal = await openJournal(directory, { files: withoutFsync });
  // The bytes even stand at the positions that they had in the other journal.
  await journal.append(from.files[0]!.content.subarray(segmentHeaderBytes + recordHeaderBytes), 1);
  await journal.append(Buffer.from('whole'), 2);
  await journal.close();
  const path = join(directory, from.files[0]!.name);
  const broken = readFileSync(path);
  broken[segmentHeaderBytes]! ^= 1;
  writeFileSync(path, broken);
  const again = await openJournal(directory);
  const { records, damages: told } = await readAll(directory, 0, again.end);
  expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['whole']);
  expect(told).toMatchObject([{ from: 0, to: records[0]!.position, reason: 'header' }]);
  await again.close();
});

test('a segment that is gone is told of, and the others are read', async () => {
  const from = await original(testFolder(), [100, 100, 100, 100, 100, 100]);
  const [, gone, next] = from.files;
  unlinkSync(join(from.directory, gone!.name));
  const log = recordingLog();
  const journal = await openJournal(from.directory, { ...options, log });
  expect(log.lines).toMatchObject([
    { event: 'journal damaged', fields: { from: gone!.base, to: next!.base, reason: 'missing' } },
  ]);
  const { records, damages: told } = await readAll(from.directory, 0, journal.end);
  expect(records).toHaveLength(
    from.records.filter(({ position: p }) => p < gone!.base || p >= next!.base).length,
  );
  expect(told).toMatchObject([{ from: gone!.base, to: next!.base, reason: 'missing' }]);
  await journal.close();
});

test('positions that a cursor has seen are never given to other records', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory, options);
  for (const text of ['a', 'b', 'c']) await journal.append(Buffer.from(text), 1);
  await journal.cursor('store').begin(63);
  const idle = journal.cursor('idle');
  await idle.begin(21);
  await idle.commit();
  await journal.close();
  truncateSync(join(directory, segmentName(0)), segmentHeaderBytes + 30);

  const again = await openJournal(directory, options);
  expect(again.end).toBe(63);
  expect(again.cursor('store').pending).toBe(63);
  expect(again.range(0, 63)).toEqual({ from: 0, to: 63, records: 1, items: 1 });
  expect(again.cursor('idle').position).toBe(63);
  expect(await again.append(Buffer.from('d'), 1)).toBe(63);
  const { records } = await readAll(directory, 0, again.end);
  expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['a', 'd']);
  await again.close();
});

test('a damaged cursor begins again, and a lost id is found in the segments', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory, options);
  await journal.append(Buffer.from('a'), 1);
  await journal.cursor('store').begin(21);
  await journal.close();
  writeFileSync(join(directory, 'cursor-store'), '21 - 0 0\n');
  writeFileSync(join(directory, 'cursor-%'), 'of somebody else');
  unlinkSync(join(directory, 'id'));
  const log = recordingLog();
  const again = await openJournal(directory, { ...options, log });
  expect(again.id).toBe(journal.id);
  expect(log.lines.map(({ event }) => event)).toEqual(['journal cursor damaged, begins again']);
  expect([again.cursor('store').position, again.cursor('store').pending]).toEqual([0, undefined]);
  await again.close();
});

test('a segment that a crash left without a header gets one', async () => {
  const directory = testFolder();
  const journal = await openJournal(directory, options);
  await journal.close();
  truncateSync(join(directory, segmentName(0)), 5);
  const again = await openJournal(directory, options);
  await again.append(Buffer.from('a'), 1);
  await again.close();
  unlinkSync(join(directory, 'id'));
  const last = await openJournal(directory, options);
  expect([last.id, last.range(0, last.end).records]).toEqual([journal.id, 1]);
  await last.close();
});

test('readers warn of damage when nobody else is told', async () => {
  const from = await original(testFolder(), [10]);
  const { name, content } = from.files[0]!;
  content[content.length - 1]! ^= 1;
  writeFileSync(join(from.directory, name), content);
  const warning = once(process, 'warning');
  for await (const record of readRecords(from.directory, 0, from.end)) expect.fail(`${record.position}`);
  expect(String(await warning)).toContain(
    '30 bytes at 0 cannot be read (payload; at least 1 records, 1 items)',
  );
});
