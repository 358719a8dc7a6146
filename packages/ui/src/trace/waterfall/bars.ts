import { length, type Range } from '../zoom.ts';

/** Where a time is, in pixels from the left of the timeline. */
export function xOf(range: Range, width: number, time: number): number {
  return ((time - range.from) / length(range)) * width;
}

export function timeAt(range: Range, width: number, x: number): number {
  return range.from + (x / width) * length(range);
}

/** A bar as it is drawn; `undefined` where it is out of sight. */
export interface Bar {
  readonly x: number;
  readonly width: number;
}

/** Wide enough to be seen, and cut off a little outside the timeline, so that huge coordinates never reach a canvas. */
const thinnest = 2;
const outside = 12;

export function barOf(range: Range, width: number, start: number, duration: number): Bar | undefined {
  const left = xOf(range, width, start);
  const right = Math.max(xOf(range, width, start + duration), left + thinnest);
  if (right < 0 || left > width) return undefined;
  const x = Math.max(left, -outside);
  return { x, width: Math.min(right, width + outside) - x };
}

/** Where the duration stands: beside the bar where there is room, else on it. */
export interface LabelPlace {
  /** Left edge of the text. */
  readonly x: number;
  readonly onBar: boolean;
}

const gap = 6;

/** On a bar it stands at the right end, the left or in the middle: the first where `isFree` finds nothing to cover. */
export function labelPlace(
  bar: Bar,
  width: number,
  textWidth: number,
  isFree: (from: number, to: number) => boolean = () => true,
): LabelPlace {
  const right = bar.x + bar.width + gap;
  if (right + textWidth <= width) return { x: right, onBar: false };
  const left = bar.x - gap - textWidth;
  if (left >= 0) return { x: left, onBar: false };
  const atRight = Math.min(bar.x + bar.width, width) - gap - textWidth;
  const atLeft = Math.max(bar.x, 0) + gap;
  const places = [atRight, atLeft, (atLeft + atRight) / 2];
  return { x: places.find((x) => isFree(x - gap, x + textWidth + gap)) ?? atRight, onBar: true };
}
