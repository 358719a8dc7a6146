import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { EngineError, EngineUnavailable } from '../engine/engine.ts';
import { Block } from '../write/block.ts';
import { DictionaryColumn, FixedColumn, MapColumn, StringColumn } from '../write/native-columns.ts';

export interface EngineUnderTest {
  readonly engine: Engine;
  /** The process that answers: killed by the contract. */
  pid(): number;
  /** Starts what was killed again, where nobody else does. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

function people(...names: string[]): Block {
  const columns = {
    id: new FixedColumn('UInt32', 4),
    name: new StringColumn(),
    city: new DictionaryColumn(),
    tags: new MapColumn(new StringColumn()),
  };
  const block = new Block(columns);
  for (const name of names) {
    columns.id.uint32(block.rows);
    columns.name.text(name);
    columns.city.text(name.length % 2 ? 'Rome' : 'Oslo');
    columns.tags.keys.text('first');
    columns.tags.items.text(name.slice(0, 1));
    columns.tags.count++;
    columns.tags.end(block.rows);
    block.rows++;
  }
  return block;
}

/** What every engine does, as sentences; `open` makes a new, empty one. */
export function engineContract(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(name, () => {
    let it_: EngineUnderTest;
    let engine: Engine;
    beforeAll(async () => {
      it_ = await open();
      engine = it_.engine;
      await engine.command(
        `CREATE TABLE people (id UInt32, name String, city LowCardinality(String), tags Map(LowCardinality(String), String))
         ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1`,
      );
    });
    afterAll(() => it_.close());

    const names = async () =>
      (await engine.query<{ name: string }>('SELECT name FROM people ORDER BY id, name')).map(
        (row) => row.name,
      );

    it('says that it is ready, and which version answers', () => {
      expect(engine.state()).toMatchObject({ state: 'ready', version: expect.stringMatching(/^\d+\.\d+/) });
    });

    it('binds values instead of pasting them', async () => {
      const hostile = `'; DROP TABLE people; -- \\ \n \u0000 {x:String} é`;
      const [row] = await engine.query<{ text: string; list: string[]; n: string }>(
        'SELECT {text:String} AS text, {list:Array(String)} AS list, {n:Int64} AS n',
        { params: { text: hostile, list: [hostile, "it's"], n: -(2n ** 63n) } },
      );
      expect(row).toEqual({ text: hostile, list: [hostile, "it's"], n: '-9223372036854775808' });
    });

    it('keeps the rows of a block, with every type', async () => {
      await engine.insert('people', people('Ann', 'Bela', '').native(), 'token 1');
      expect(await engine.query('SELECT * FROM people ORDER BY id')).toEqual([
        { id: 0, name: 'Ann', city: 'Rome', tags: { first: 'A' } },
        { id: 1, name: 'Bela', city: 'Oslo', tags: { first: 'B' } },
        { id: 2, name: '', city: 'Oslo', tags: { first: '' } },
      ]);
    });

    it('keeps one copy of a block inserted twice with one token', async () => {
      await engine.insert('people', people('Ann', 'Bela', '').native(), 'token 1');
      expect(await names()).toEqual(['Ann', 'Bela', '']);
    });

    it('keeps both of two equal blocks with two tokens', async () => {
      await engine.insert('people', people('Ann').native(), 'token 2');
      expect((await names()).filter((each) => each === 'Ann')).toHaveLength(2);
    });

    it('says what is wrong with a statement, and that it will not get better', async () => {
      const wrong = engine.query('SELECT nothing FROM nowhere');
      await expect(wrong).rejects.toThrow(EngineError);
      await expect(wrong).rejects.toThrow(/nowhere/);
    });

    it('ends a query that takes too long, and one that uses too much memory', async () => {
      await expect(
        engine.query('SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1', { timeoutMs: 200 }),
      ).rejects.toThrow(/TIMEOUT|exceeded|maximum/i);
      await expect(
        engine.query('SELECT groupArray(number) FROM numbers(1e8)', { maxMemoryBytes: 10_000_000 }),
      ).rejects.toThrow(EngineUnavailable);
    });

    it('cancels a query whose caller has gone away', async () => {
      const abort = new AbortController();
      const marker = `cancelled by ${name}`;
      const query = engine.query(
        'SELECT count() FROM numbers(1e13) WHERE toString(number) = {marker:String}',
        {
          params: { marker },
          abort: abort.signal,
        },
      );
      const running = async () =>
        (
          await engine.query<{ n: number }>(
            `SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%toString(number)%' AND query NOT LIKE '%system.processes%'`,
          )
        )[0]!.n;
      await expect.poll(running, { timeout: 5_000 }).toBe(1);
      abort.abort();
      await expect(query).rejects.toThrow();
      await expect.poll(running, { timeout: 5_000 }).toBe(0);
    });

    it('keeps every acknowledged row, and no token twice, over a kill -9', async () => {
      await engine.insert('people', people('Zoe').native(), 'token 3');
      process.kill(it_.pid(), 'SIGKILL');
      await expect
        .poll(
          () =>
            engine.query('SELECT 1').then(
              () => 'answers',
              () => 'down',
            ),
          { timeout: 5_000 },
        )
        .toBe('down');
      await it_.revive();
      await expect
        .poll(
          () =>
            engine.query('SELECT 1').then(
              () => 'answers',
              () => 'down',
            ),
          { timeout: 20_000 },
        )
        .toBe('answers');
      await engine.insert('people', people('Zoe').native(), 'token 3');
      await engine.insert('people', people('Ann', 'Bela', '').native(), 'token 1');
      expect((await names()).filter((each) => each === 'Zoe')).toEqual(['Zoe']);
      expect((await names()).filter((each) => each === 'Bela')).toEqual(['Bela']);
    });
  });
}
