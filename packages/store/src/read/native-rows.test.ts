import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/open-test-store.ts';
import { nativeBlocks } from './native-rows.ts';

describe('rows in Native format', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
  });
  afterAll(() => test.close());
  const blocksOf = async (sql: string) => [...nativeBlocks(await test.engine.queryNative(sql))];

  it('have every type of column that the tables have', async () => {
    const [block] = await blocksOf(
      `SELECT toUInt8(7) AS u8, true AS b, toUInt16(65535) AS u16, toUInt32(4294967295) AS u32, toDateTime(9, 'UTC') AS at,
         18446744073709551615 AS u64, toInt64(-5) AS i64, fromUnixTimestamp64Nano(1795000000123456789, 'UTC') AS time,
         -0.5 AS f64, unhex('00ff80') AS s, toFixedString(unhex('ff00'), 2) AS f, toLowCardinality('é') AS low,
         ['a', 'b'] AS list, map(toLowCardinality('k'), toInt64(3), toLowCardinality('l'), toInt64(4)) AS m,
         CAST([], 'Array(LowCardinality(String))') AS none`,
    );
    const numbers = ['u8', 'b', 'u16', 'u32', 'at', 'f64'].map((name) => block!.column(name).number(0));
    expect(numbers).toEqual([7, 1, 65_535, 4_294_967_295, 9, -0.5]);
    const bigints = ['u64', 'i64', 'time'].map((name) => block!.column(name).bigint(0));
    expect(bigints).toEqual([18_446_744_073_709_551_615n, -5n, 1_795_000_000_123_456_789n]);
    expect(block!.column('s').bytes(0).toString('hex')).toBe('00ff80');
    expect(block!.column('f').bytes(0).toString('hex')).toBe('ff00');
    expect(block!.column('low').text(0)).toBe('é');
    const list = block!.column('list');
    expect([list.begin(0), list.end(0), list.items.text!(1)]).toEqual([0, 2, 'b']);
    const map = block!.column('m');
    expect([map.keys.text!(1), map.items.number!(1)]).toEqual(['l', 4]);
    expect(block!.column('none').end(0)).toBe(0);
  });

  it('come in several blocks, each with a dictionary of its own', async () => {
    const blocks = await blocksOf(
      `SELECT toLowCardinality(toString(number % 70000)) AS low, number AS n, range(number % 3) AS list
       FROM numbers(150000) SETTINGS max_block_size = 40000`,
    );
    expect(blocks.length).toBeGreaterThan(2);
    let wanted = 0;
    for (const block of blocks) {
      const [low, n, list] = ['low', 'n', 'list'].map((name) => block.column(name));
      for (let row = 0; row < block.rows; row++, wanted++) {
        if (n!.number(row) !== wanted || low!.text(row) !== String(wanted % 70_000)) break;
        if (list!.end(row) - list!.begin(row) !== wanted % 3) break;
      }
    }
    expect(wanted).toBe(150_000);
  });

  it('are none where nothing is found, and an error is an error even after the first rows', async () => {
    expect(await blocksOf('SELECT service FROM spans')).toEqual([]);
    await expect(blocksOf('SELECT throwIf(number = 300000) FROM numbers(1000000)')).rejects.toThrow(
      'throwIf',
    );
  });
});
