import { expect, test } from 'vitest';
import { inkOn, ServiceColors, servicePalette, type ColorMemory } from './service-colors.ts';

const names = Array.from({ length: 60 }, (_, i) => `service-${i}`);

function memory(text?: string): ColorMemory {
  let kept: string | null = text ?? null;
  return { getItem: () => kept, setItem: (_, value) => void (kept = value) };
}

test('gives a service the same colour each time', () => {
  const colors = new ServiceColors();
  const first = names.map(colors.of);
  expect(names.map(colors.of)).toEqual(first);
});

test('gives the first twenty services twenty colours', () => {
  const colors = new ServiceColors();
  expect(new Set(names.slice(0, 20).map(colors.of)).size).toBe(20);
  expect(new Set(names.slice(20, 40).map(colors.of)).size).toBe(20);
});

test('gives a service its colour by its name where nothing stands against it', () => {
  const [forward, backward] = [new ServiceColors(), new ServiceColors()];
  expect(forward.of('cart')).toBe(backward.of('cart'));
});

test('keeps colours over a reload', () => {
  const kept = memory();
  const before = names.map(new ServiceColors(kept).of);
  const after = new ServiceColors(kept);
  expect(names.toReversed().map(after.of).toReversed()).toEqual(before);
});

test.each(['', '{', '{}', '[[1,2],["a",99],["b"]]', 'null'])('starts afresh from the memory %j', (text) => {
  expect(servicePalette).toContain(new ServiceColors(memory(text)).of('a'));
});

test('works without being allowed to remember', () => {
  const forbidden: ColorMemory = {
    getItem: () => null,
    setItem: () => {
      throw new Error('quota');
    },
  };
  expect(servicePalette).toContain(new ServiceColors(forbidden).of('a'));
});

test.each(['#ffffff', '#13161c'])('has colours that stand out from %s', (background) => {
  for (const color of servicePalette) expect(contrast(color, background)).toBeGreaterThanOrEqual(3);
});

/** Contrast ratio as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('is written upon in black or white, at least 4.5:1', () => {
  const luminance = (color: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const value = parseInt(color.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const contrasts = servicePalette.map((fill) =>
    inkOn(fill) === '#fff' ? 1.05 / (luminance(fill) + 0.05) : (luminance(fill) + 0.05) / 0.05,
  );
  expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
});
