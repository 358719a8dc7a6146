import { expect, test } from 'vitest';
import { brushBox, brushed, isDrag } from './brush.ts';
import { layoutScatter } from './draw-scatter.ts';
import { scatterPoints } from './scatter-points.ts';

const frame = layoutScatter(scatterPoints([]), [1_000, 2_000], 1_000, 168);
const at = (time: number, duration: number) => [frame.x.toPixel(time), frame.y.toPixel(duration)] as const;

test('selects times and durations, in whichever direction it is drawn', () => {
  const selected = brushed(frame, at(1_800, 2e6), at(1_200, 5e8));
  expect(selected.times?.start).toBeCloseTo(1_200, -1);
  expect(selected.times?.end).toBeCloseTo(1_800, -1);
  expect(selected.durations?.min).toBeCloseTo(2e6, 0);
  expect(selected.durations?.max).toBeCloseTo(5e8, 0);
});

test('leaves alone the side along which it is hardly drawn', () => {
  const [x, y] = at(1_500, 1e8);
  expect(brushed(frame, [x, y], [x + 50, y + 3]).durations).toBeUndefined();
  expect(brushed(frame, [x, y], [x + 3, y + 50]).times).toBeUndefined();
  expect(brushBox(frame, [x, y], [x + 50, y + 3])).toMatchObject({
    top: frame.top,
    height: frame.bottom - frame.top,
  });
});

test('stays within the axes', () => {
  const selected = brushed(frame, [-50, -50], [5_000, 5_000]);
  expect(selected.times).toEqual({ start: 1_000, end: 2_000 });
  expect(selected.durations?.min).toBeCloseTo(frame.yDomain[0], 0);
});

test('is a click as long as the pointer hardly moves', () => {
  expect(isDrag([10, 10], [13, 13])).toBe(false);
  expect(isDrag([10, 10], [16, 10])).toBe(true);
});
