import { cardHeight, cardWidth, type Layout } from './graph.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/**
 * The node that one means by an arrow key: the nearest that lies in that direction, where aside counts more than away.
 * From none (-1): the first. Stays where there is nothing.
 */
export function neighbour({ corners }: Layout, from: number, direction: Direction): number {
  if (from < 0) return corners.length > 0 ? 0 : -1;
  const here = corners[from]!;
  const sideways = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  let best = from;
  let least = Infinity;
  corners.forEach(({ x, y }, node) => {
    const [ahead, aside] = sideways ? [(x - here.x) * sign, y - here.y] : [(y - here.y) * sign, x - here.x];
    // In the next layer, or below in the same one.
    if (ahead < (sideways ? cardWidth : cardHeight) / 2) return;
    const cost = ahead + 2 * Math.abs(aside);
    if (cost < least) [best, least] = [node, cost];
  });
  return best;
}
