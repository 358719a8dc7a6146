import { describe, expect, it } from 'vitest';
import { minimapPixels, pixelOf } from './minimap-pixels.ts';
import { traceModel } from '../model.ts';
import { randomTimeline, timelineFromText } from '../testing.ts';

const letters = new Map([
  [0, '.'],
  [1, 'a'],
  [2, 'b'],
  [9, '!'],
]);

/** The picture with a letter per pixel: services a and b, errors as exclamation marks. */
function drawn(timeline: Parameters<typeof traceModel>[0], width: number, height: number): string {
  const pixels = minimapPixels(traceModel(timeline), width, height, Uint32Array.of(1, 2), 9);
  return Array.from({ length: height }, (_, line) =>
    [...pixels.subarray(line * width, (line + 1) * width)].map((pixel) => letters.get(pixel)).join(''),
  ).join('\n');
}

const timeline = timelineFromText(`
0-10 a root
  2-4 b child
    8-10 b after its parent !
  4-4 a instant`);

describe('minimapPixels', () => {
  it('draws each span on its own line in the order of the waterfall', () => {
    expect(drawn(timeline, 10, 4)).toBe(`aaaaaaaaaa
..bb......
........!!
....a.....`);
  });

  it('leaves a gap between the lines where there is room', () => {
    expect(drawn(timelineFromText('0-10 a root\n  2-4 b child'), 10, 6)).toBe(`aaaaaaaaaa
aaaaaaaaaa
..........
..bb......
..bb......
..........`);
  });

  it('puts several spans on a line where there are more of them, errors on top', () => {
    expect(drawn(timeline, 10, 2)).toBe(`aabbaaaaaa
....a...!!`);
  });

  it('fills all of its height however many spans there are', () => {
    const lines = drawn(randomTimeline(5_000, 3), 40, 20).split('\n');
    expect(lines.filter((line) => line.includes('a'))).toHaveLength(20);
  });
});

describe('pixelOf', () => {
  it('turns a colour into a pixel of ImageData', () => expect(pixelOf('#0a0b0c')).toBe(0xff0c0b0a));
});
