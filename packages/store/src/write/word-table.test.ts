import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WordTable } from './word-table.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

it('numbers keys as a map would', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word, word)), fc.boolean(), (keys, wide) => {
      const table = new WordTable(wide ? 4 : 2, 4);
      const twin = new Map<string, number>();
      for (const [a, b, c, d] of keys) {
        const name = wide ? `${a} ${b} ${c} ${d}` : `${a} ${b}`;
        if (!twin.has(name)) twin.set(name, twin.size);
        expect(wide ? table.id(a, b, c, d) : table.id(a, b)).toBe(twin.get(name));
      }
      expect(table.size).toBe(twin.size);
      for (const [name, id] of twin)
        expect(name.split(' ').map(Number)).toEqual(
          Array.from({ length: wide ? 4 : 2 }, (_, n) => table.word(id, n)),
        );
    }),
  );
});

it('forgets everything when cleared', () => {
  const table = new WordTable(2);
  for (let n = 0; n < 1000; n++) table.id(n, n);
  table.clear();
  expect([table.size, table.id(7, 7)]).toEqual([0, 0]);
});
