import fc from 'fast-check';
import { expect, it } from 'vitest';
import { traceColumns } from '../trace/columns.ts';
import { randomTimeline, seeded, timelineFromText, timelineOf } from '../trace/testing.ts';
import { treeOf } from '../trace/tree.ts';
import { selfTimes } from './self-times.ts';

type Timeline = Parameters<typeof traceColumns>[0];

const of = (timeline: Timeline) => {
  const columns = traceColumns(timeline);
  return [...selfTimes(columns, treeOf(columns))];
};
/** In microseconds, in the order of starts. */
const ofText = (text: string) => of(timelineFromText(text)).map((nanos) => nanos / 1000);

it('takes off what children cover together, once where they overlap', () => {
  expect(ofText('0-100 a root\n  10-40 a x\n  30-50 a y\n    31-32 a z\n  60-70 a w')).toEqual([
    50, 30, 19, 1, 10,
  ]);
});

it('takes off only what lies within the span, and nothing for a child that begins after its end', () => {
  expect(ofText('10-100 a root\n  5-20 a early\n  90-130 a late\n  200-300 a asynchronous')).toEqual([
    15, 70, 40, 100,
  ]);
});

it('leaves a span without children, one of no length, and one with an end before its start as they are', () => {
  expect(ofText('0-7 a alone\n10-10 a instant\n20-15 a backwards\n  16-18 a child')).toEqual([7, 0, 2, 0]);
});

it('agrees with looking at every nanosecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer(), (count, seed) => {
      const random = seeded(seed);
      const shape = randomTimeline(count, seed);
      const starts = shape.start.map(() => Math.floor(random() * 60)).sort((a, b) => a - b);
      const timeline = timelineOf(shape.parent, starts);
      timeline.duration = starts.map(() => Math.floor(random() * 50) - 3);
      expect(of(timeline)).toEqual(starts.map((_, span) => slow(timeline, span)));
    }),
    { seed: 7 },
  );
});

/** Counts the nanoseconds of a span in which none of its children is. */
function slow({ start, duration, parent }: Timeline, span: number): number {
  const isIn = (at: number, each: number) => at >= start[each]! && at < start[each]! + duration[each]!;
  const children = parent.flatMap((above, each) => (above === span ? [each] : []));
  const nanos = Array.from({ length: Math.max(0, duration[span]!) }, (_, n) => start[span]! + n);
  return nanos.filter((at) => !children.some((child) => isIn(at, child))).length;
}
