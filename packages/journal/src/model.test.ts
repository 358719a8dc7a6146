import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Journal } from './journal.ts';
import { openJournal, readAll, testFolder, withoutFsync } from './testing/folder.ts';

interface Model {
  readonly records: { position: number; items: number; text: string }[];
  end: number;
  readonly cursors: Map<string, { position: number; pending: number | undefined }>;
}
interface Real {
  readonly directory: string;
  journal: Journal;
}
type Command = fc.AsyncCommand<Model, Real>;

const options = { segmentBytes: 150, files: withoutFsync };

const append = (sizes: number[]): Command => ({
  check: () => true,
  async run(model: Model, { journal }: Real) {
    const texts = sizes.map((size, n) => `${model.records.length + n}`.padEnd(size, '.'));
    const positions = await Promise.all(texts.map((text, n) => journal.append(Buffer.from(text), n)));
    for (const [n, text] of texts.entries()) {
      expect(positions[n]).toBe(model.end);
      model.records.push({ position: model.end, items: n, text });
      model.end += 20 + text.length;
    }
  },
  toString: () => `append ${sizes.join(' ')}`,
});

const begin = (name: string, maxBytes: number): Command => ({
  check({ cursors, end }: Readonly<Model>) {
    const cursor = cursors.get(name);
    return cursor !== undefined && cursor.pending === undefined && cursor.position < end;
  },
  async run(model: Model, { journal }: Real) {
    const cursor = model.cursors.get(name)!;
    const { to, records, items } = journal.rangeFrom(cursor.position, maxBytes);
    const inside = model.records.filter(({ position }) => position >= cursor.position && position < to);
    expect(records).toBe(inside.length);
    expect(items).toBe(inside.reduce((sum, record) => sum + record.items, 0));
    if (records > 1) expect(to - cursor.position).toBeLessThanOrEqual(maxBytes);
    expect(journal.range(cursor.position, to)).toEqual({ from: cursor.position, to, records, items });
    await journal.cursor(name).begin(to);
    cursor.pending = to;
  },
  toString: () => `begin ${name} ${maxBytes}`,
});

const commit = (name: string): Command => ({
  check: ({ cursors }: Readonly<Model>) => cursors.get(name)?.pending !== undefined,
  async run(model: Model, { journal }: Real) {
    const cursor = model.cursors.get(name)!;
    await journal.cursor(name).commit();
    cursor.position = cursor.pending!;
    cursor.pending = undefined;
  },
  toString: () => `commit ${name}`,
});

const addCursor = (name: string): Command => ({
  check: ({ cursors }: Readonly<Model>) => !cursors.has(name),
  async run(model: Model, { journal }: Real) {
    const { position, pending } = journal.cursor(name);
    expect(position).toBe(journal.start);
    model.cursors.set(name, { position, pending });
  },
  toString: () => `add ${name}`,
});

const removeCursor = (name: string): Command => ({
  check: ({ cursors }: Readonly<Model>) => cursors.has(name),
  async run(model: Model, { journal }: Real) {
    await journal.removeCursor(name);
    model.cursors.delete(name);
  },
  toString: () => `remove ${name}`,
});

const reopen = (): Command => ({
  check: () => true,
  async run(model: Model, real: Real) {
    await real.journal.close();
    real.journal = await openJournal(real.directory, options);
    expect(real.journal.end).toBe(model.end);
    for (const [name, cursor] of model.cursors) {
      const { position, pending } = real.journal.cursor(name);
      expect({ position, pending }).toEqual(cursor);
    }
  },
  toString: () => 'reopen',
});

const read = (chunkBytes: number): Command => ({
  check: () => true,
  async run(model: Model, { directory, journal }: Real) {
    const from = Math.min(journal.end, ...[...model.cursors.values()].map(({ position }) => position));
    expect(journal.start).toBeLessThanOrEqual(from);
    const { records, damages } = await readAll(directory, from, journal.end, chunkBytes);
    expect(damages).toEqual([]);
    const texts = records.map(({ position, items, payload }) => {
      return { position, items, text: Buffer.from(payload).toString() };
    });
    expect(texts).toEqual(model.records.filter(({ position }) => position >= from));
  },
  toString: () => `read ${chunkBytes}`,
});

test(
  'agrees with a list in memory, whatever is appended, delivered and reopened',
  { timeout: 120_000 },
  async () => {
    const name = fc.constantFrom('store', 'otlp/b');
    const size = fc.nat(200);
    const commands = [
      fc.array(fc.nat(90), { minLength: 1, maxLength: 8 }).map((sizes) => append(sizes)),
      fc.tuple(name, size).map(([of, bytes]) => begin(of, bytes)),
      name.map((of) => commit(of)),
      name.map((of) => addCursor(of)),
      name.map((of) => removeCursor(of)),
      fc.constant(reopen()),
      size.map((bytes) => read(bytes + 1)),
    ];
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60 }), async (steps) => {
        const directory = testFolder();
        const real: Real = { directory, journal: await openJournal(directory, options) };
        try {
          await fc.asyncModelRun(
            () => ({ model: { records: [], end: 0, cursors: new Map() } as Model, real }),
            steps,
          );
        } finally {
          await real.journal.close();
        }
      }),
      { numRuns: 600, seed: 20, interruptAfterTimeLimit: 90_000 },
    );
  },
);
