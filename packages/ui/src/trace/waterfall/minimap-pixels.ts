import { statusError } from '../columns.ts';
import type { TraceModel } from '../model.ts';

/**
 * The whole trace in `width` x `height` pixels: one line per span in the order of the waterfall, several spans to a
 * line where there are more of them than lines, errors over the rest.
 * Hot: every span, when the trace, the size or the theme changes (tree.bench.ts).
 *
 * @param paints by service index, as pixels of ImageData (0xAABBGGRR); `error` likewise
 */
export function minimapPixels(
  { columns, tree, whole }: TraceModel,
  width: number,
  height: number,
  paints: Uint32Array,
  error: number,
): Uint32Array<ArrayBuffer> {
  const pixels = new Uint32Array(width * height);
  const { start, duration, service, status, spans } = columns;
  const lines = Math.max(1, Math.min(Math.floor(height / tree.size), 5));
  const used = lines > 2 ? lines - 1 : lines;
  const scale = width / (whole.to - whole.from);
  for (const errors of [false, true]) {
    for (let at = 0; at < tree.size; at++) {
      const node = tree.order[at]!;
      if (node >= spans || (errors && status[node] !== statusError)) continue;
      const top = tree.size * lines <= height ? at * lines : Math.floor((at * height) / tree.size);
      const left = Math.min(width - 1, Math.floor((start[node]! - whole.from) * scale));
      const right = Math.min(
        width,
        Math.max(left + 1, Math.round((start[node]! - whole.from + duration[node]!) * scale)),
      );
      const paint = errors ? error : paints[service[node]!]!;
      for (let line = top; line < Math.min(height, top + used); line++) {
        pixels.fill(paint, line * width + left, line * width + right);
      }
    }
  }
  return pixels;
}

/** `#rrggbb` as a pixel of ImageData. */
export function pixelOf(color: string): number {
  const rgb = Number.parseInt(color.slice(1, 7), 16);
  return ((0xff << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}
