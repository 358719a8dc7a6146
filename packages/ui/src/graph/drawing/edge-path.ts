import type { Point } from './graph.ts';

const radius = 8;

/** The path of an SVG through the points, with its corners rounded. */
export function edgePath(points: readonly Point[]): string {
  return points
    .map((point, at) => {
      const [before, after] = [points[at - 1], points[at + 1]];
      if (!before) return `M${print(point)}`;
      if (!after) return `L${print(point)}`;
      return `L${print(towards(point, before))}Q${print(point)} ${print(towards(point, after))}`;
    })
    .join('');
}

/** The middle of the last long stretch, where a text has room. */
export function textPlace(points: readonly Point[]): Point {
  for (let at = points.length - 1; at > 0; at--) {
    const [a, b] = [points[at - 1]!, points[at]!];
    if (Math.abs(a.x - b.x) >= 24) return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}

/** A point of the stretch to `other`, as far from the corner as it is rounded: at most to its middle. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y);
  const part = length === 0 ? 0 : Math.min(radius / length, 0.5);
  return { x: corner.x + (other.x - corner.x) * part, y: corner.y + (other.y - corner.y) * part };
}

function print({ x, y }: Point): string {
  return `${Number(x.toFixed(1))} ${Number(y.toFixed(1))}`;
}
