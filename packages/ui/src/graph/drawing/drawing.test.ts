import elk from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../trace/testing.ts';
import { arrange, type Shape } from './arrange.ts';
import { centredOn, fitting, kept, opening, revealing, sight, zoomedAt } from './camera.ts';
import { edgePath, textPlace } from './edge-path.ts';
import { cardHeight, cardWidth, type Layout, type Point } from './graph.ts';
import { neighbour } from './neighbour.ts';
import { shortTitle } from './short-title.ts';

const view = { width: 1000, height: 600 };

/** A tree of so many nodes with further edges in it, the same for the same numbers. */
function shapeOf(nodes: number, more: number): Shape {
  const random = seeded(3);
  const edges = Array.from({ length: nodes - 1 }, (_, n) => ({
    from: Math.max(0, n - Math.floor(random() ** 2 * 30)),
    to: n + 1,
    back: false,
  }));
  for (let n = 0; n < more; n++) {
    const [a, b] = [Math.floor(random() * nodes), Math.floor(random() * nodes)];
    if (a !== b) edges.push({ from: a, to: b, back: a > b });
  }
  return { nodes, edges };
}

describe('arrange', () => {
  const arranged = (shape: Shape) => arrange(new elk.default({ algorithms: ['layered'] }), shape);

  it.each([
    [1, 0],
    [300, 0],
    [300, 60],
  ])(
    'puts %i nodes with %i further edges beside each other, each right of what leads to it',
    async (nodes, more) => {
      const shape = shapeOf(nodes, more);
      const { corners, routes, width, height } = await arranged(shape);
      expect(corners).toHaveLength(nodes);
      const apart = (a: Point, b: Point) =>
        Math.abs(a.x - b.x) >= cardWidth || Math.abs(a.y - b.y) >= cardHeight;
      corners.forEach((a, n) => {
        expect(a.x + cardWidth <= width && a.y + cardHeight <= height).toBe(true);
        expect(corners.slice(n + 1).filter((b) => !apart(a, b))).toEqual([]);
      });
      shape.edges.forEach(({ from, to, back }, n) => {
        const [first, last] = [routes[n]![0]!, routes[n]!.at(-1)!];
        expect([touches(first, corners[from]!), touches(last, corners[to]!)]).toEqual([true, true]);
        expect(corners[to]!.x > corners[from]!.x).toBe(!back);
      });
    },
    30_000,
  );

  function touches({ x, y }: Point, corner: Point): boolean {
    const inside = y >= corner.y - 1 && y <= corner.y + cardHeight + 1;
    return inside && (Math.abs(x - corner.x) < 1 || Math.abs(x - corner.x - cardWidth) < 1);
  }
});

describe('camera', () => {
  it('fits all of a graph, and does not enlarge a small one', () => {
    const camera = fitting({ width: 4000, height: 500 }, view);
    const seen = sight(camera, view);
    expect(seen.x).toBeLessThan(0);
    expect(seen.x + seen.width).toBeGreaterThan(4000);
    expect(fitting({ width: 100, height: 100 }, view)).toEqual({ scale: 1, x: 450, y: 250 });
  });

  it('opens a graph too large to be read at the node that is looked at', () => {
    const box = { x: 5000, y: 3000, width: cardWidth, height: cardHeight };
    const camera = opening({ width: 9000, height: 6000 }, view, box);
    const seen = sight(camera, view);
    expect(camera.scale).toBe(0.8);
    expect(seen.x < 5000 && seen.x + seen.width > 5000 + cardWidth).toBe(true);
    expect(seen.y < 3000 && seen.y + seen.height > 3000 + cardHeight).toBe(true);
    expect(opening({ width: 900, height: 500 }, view, box)).toEqual(
      fitting({ width: 900, height: 500 }, view),
    );
  });

  it('keeps what is under the pointer there while zooming, and stops at its bounds', () => {
    const camera = { x: 10, y: -20, scale: 0.5 };
    const at = { x: 300, y: 200 };
    const near = zoomedAt(camera, at, 2);
    expect((at.x - near.x) / near.scale).toBeCloseTo((at.x - camera.x) / camera.scale);
    expect((at.y - near.y) / near.scale).toBeCloseTo((at.y - camera.y) / camera.scale);
    expect(zoomedAt(camera, at, 100).scale).toBe(2);
    expect(zoomedAt(camera, at, 1e-9).scale).toBe(0.02);
  });

  it('moves no further than it must to show a node, and not at all where it is in sight', () => {
    const camera = { x: 0, y: 0, scale: 1 };
    const box = { x: 100, y: 100, width: cardWidth, height: cardHeight };
    expect(revealing(camera, box, view)).toEqual(camera);
    const moved = revealing(camera, { ...box, x: 1200 }, view);
    expect(moved).toEqual({ x: 1000 - 28 - 1200 - cardWidth, y: 0, scale: 1 });
  });

  it('never loses the graph out of sight', () => {
    const graph = { width: 400, height: 300 };
    expect(kept({ x: 5000, y: -5000, scale: 1 }, graph, view)).toEqual({ x: 940, y: -240, scale: 1 });
  });

  it('centres on a point', () => {
    expect(centredOn({ x: 0, y: 0, scale: 2 }, { x: 10, y: 20 }, view)).toEqual({ x: 480, y: 260, scale: 2 });
  });
});

describe('neighbour', () => {
  // a  b  d
  //    c
  const layout: Layout = {
    width: 0,
    height: 0,
    routes: [],
    corners: [
      { x: 0, y: 50 },
      { x: 300, y: 0 },
      { x: 300, y: 90 },
      { x: 600, y: 0 },
    ],
  };

  it('is the nearest in the direction, and the node itself where there is none', () => {
    expect(neighbour(layout, 0, 'right')).toBe(2);
    expect(neighbour(layout, 2, 'up')).toBe(1);
    expect(neighbour(layout, 1, 'right')).toBe(3);
    expect(neighbour(layout, 3, 'left')).toBe(1);
    expect(neighbour(layout, 3, 'right')).toBe(3);
  });

  it('is the first from none, and none where there are none', () => {
    expect(neighbour(layout, -1, 'down')).toBe(0);
    expect(neighbour({ ...layout, corners: [] }, -1, 'down')).toBe(-1);
  });
});

describe('edges', () => {
  const bent = [
    { x: 0, y: 0 },
    { x: 40, y: 0 },
    { x: 40, y: 10 },
    { x: 100, y: 10 },
  ];
  it('have rounded corners, less so where there is little room', () => {
    expect(edgePath(bent)).toBe('M0 0L32 0Q40 0 40 5L40 5Q40 10 48 10L100 10');
  });
  it('have their text on the last stretch that has room for it', () => {
    expect(textPlace(bent)).toEqual({ x: 70, y: 10 });
    expect(textPlace(bent.slice(0, 3))).toEqual({ x: 20, y: 0 });
  });
});

describe('shortTitle', () => {
  const name = 'payments.v1.PaymentService/Authorize';
  it('keeps the beginning and the end, as much as there is room for', () => {
    expect(shortTitle('GET /', 20)).toBe('GET /');
    expect(shortTitle(name, 20)).toBe('payment…ce/Authorize');
    expect(shortTitle(name, 20, (text) => text.length / 1.5)).toBe('payments.v1…tService/Authorize');
    expect(shortTitle(name, 0)).toBe('…');
  });
});
