import type { ScatterFrame } from './draw-scatter.ts';

/** A part of the plot: milliseconds since 1970 and nanoseconds; a side that was not drawn is undefined. */
export interface Brushed {
  readonly times: { start: number; end: number } | undefined;
  readonly durations: { min: number; max: number } | undefined;
}

/** Pixels from the top left corner of the plot. */
export type Point = readonly [number, number];

/** A drag shorter than this is a click, and on one axis: all of that axis. */
const leastDrag = 6;

export function isDrag(from: Point, to: Point): boolean {
  return Math.hypot(to[0] - from[0], to[1] - from[1]) >= leastDrag;
}

/** The rectangle to draw while the pointer goes from `a` to `b`. */
export function brushBox(frame: ScatterFrame, a: Point, b: Point) {
  const { left, right, top, bottom } = brushEdges(frame, a, b);
  return { left, top, width: right - left, height: bottom - top };
}

/** What a drag from `a` to `b` selects. */
export function brushed(frame: ScatterFrame, a: Point, b: Point): Brushed {
  const edges = brushEdges(frame, a, b);
  return {
    times: edges.wide
      ? { start: Math.floor(frame.x.toValue(edges.left)), end: Math.ceil(frame.x.toValue(edges.right)) }
      : undefined,
    durations: edges.tall
      ? { min: frame.y.toValue(edges.bottom), max: frame.y.toValue(edges.top) }
      : undefined,
  };
}

/** The drawn rectangle within the plot, each side as long as the whole axis where it was hardly drawn. */
function brushEdges(frame: ScatterFrame, a: Point, b: Point) {
  const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const wide = Math.abs(a[0] - b[0]) >= leastDrag;
  const tall = Math.abs(a[1] - b[1]) >= leastDrag;
  return {
    wide,
    tall,
    left: wide ? within(Math.min(a[0], b[0]), frame.left, frame.right) : frame.left,
    right: wide ? within(Math.max(a[0], b[0]), frame.left, frame.right) : frame.right,
    top: tall ? within(Math.min(a[1], b[1]), frame.top, frame.bottom) : frame.top,
    bottom: tall ? within(Math.max(a[1], b[1]), frame.top, frame.bottom) : frame.bottom,
  };
}
