import { memo, useState, type CSSProperties } from 'react';
import { edgePath } from '../graph/drawing/edge-path.ts';
import type { Layout, Point } from '../graph/drawing/graph.ts';
import { formatShare } from '../statistics/format-share.ts';
import { alarm, describe, timeOf, widthOf, type DrawnMap, type PlacedEdge } from './drawn-map.ts';
import { formatRate } from './format-rate.ts';
import classes from './map-drawing.module.css';

/** Where there are more edges, their figures are shown when one points at them. */
const fewEdges = 40;
/** On a shorter stretch a text has no room in the middle. */
const roomForText = 84;

interface MapEdgesProps {
  readonly map: DrawnMap;
  readonly layout: Layout;
  /** Places of the selected node and edge; -1: none. */
  readonly node: number;
  readonly edge: number;
  readonly onSelect: (edge: number) => void;
}

/** The edges below the cards: wider with more calls, redder with more errors. */
export const MapEdges = memo(function MapEdges({ map, layout, node, edge, onSelect }: MapEdgesProps) {
  const [hovered, setHovered] = useState(-1);
  const edges = map.mapEdges;
  const isNear = (at: number) => at === edge || edges[at]!.from === node || edges[at]!.to === node;
  const none = node < 0 && edge < 0;
  const [into, out] = [countBy(edges, 'to'), countBy(edges, 'from')];
  // Those that stand out are drawn last, over the others.
  const rank = (at: number) => (at === hovered ? 2 : !none && isNear(at) ? 1 : 0);
  const order = edges.map((_, at) => at).sort((a, b) => rank(a) - rank(b) || a - b);
  const near = edges.filter((_, at) => !none && isNear(at)).length;
  return (
    <svg className={classes.edges} width={layout.width} height={layout.height} aria-hidden>
      {order.map((at) => {
        const placed = edges[at]!;
        const route = layout.routes[at] ?? [];
        const stands = !none && isNear(at);
        const few = edges.length <= fewEdges || (stands && near <= 12);
        const alone = { start: out.get(placed.from) === 1, end: into.get(placed.to) === 1 };
        const pointed = at === hovered || at === edge;
        // One that leads back lies on others where it begins and ends.
        const own = placed.back || !(few || pointed) ? undefined : placeOf(route, alone);
        const place = own ?? (pointed ? lastPlace(route) : undefined);
        return (
          <g
            key={at}
            className={classes.edge}
            data-edge={at}
            data-tone={at === edge ? 'selected' : none ? 'usual' : stands ? 'near' : 'far'}
            style={styleOf(placed)}
            onPointerEnter={() => setHovered(at)}
            onPointerLeave={() => setHovered(-1)}
            onClick={() => onSelect(at)}
          >
            <title>
              {`${map.mapNodes[placed.from]!.name} → ${map.mapNodes[placed.to]!.name}, ${describe(placed.edge)}`}
            </title>
            <path className={classes.reach} d={edgePath(route)} />
            <path
              className={classes.line}
              d={edgePath(shortened(route))}
              strokeWidth={widthOf(placed.edge.rate)}
            />
            <path className={classes.head} d={arrow(route, widthOf(placed.edge.rate))} />
            {place && <Figures placed={placed} place={place} />}
          </g>
        );
      })}
    </svg>
  );
});

function Figures({ placed: { edge }, place }: { placed: PlacedEdge; place: Place }) {
  return (
    <text className={classes.text} x={place.x} textAnchor={place.anchor}>
      <tspan x={place.x} y={place.y - 7}>
        {formatRate(edge.rate)}
        {edge.errors > 0 && (
          <tspan className={`${classes.bad} ${classes.more}`}> {formatShare(edge.error_rate)}</tspan>
        )}
      </tspan>
      <tspan className={classes.more} x={place.x} y={place.y + 15}>
        {timeOf(edge.p95, edge.lag_p95)}
      </tspan>
    </text>
  );
}

function styleOf({ edge, back }: PlacedEdge): CSSProperties {
  const red = Math.round(alarm(edge.error_rate) * 100);
  return {
    '--edge': `color-mix(in srgb, var(--error-mark) ${red}%, var(--calm))`,
    ...(back && { strokeDasharray: '2 5' }),
  } as CSSProperties;
}

function countBy(edges: readonly PlacedEdge[], end: 'from' | 'to'): Map<number, number> {
  const counts = new Map<number, number>();
  for (const edge of edges) counts.set(edge[end], (counts.get(edge[end]) ?? 0) + 1);
  return counts;
}

interface Place extends Point {
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Where an edge has its text: where it ends alone, else where it begins alone, so that no two lie on each other. */
function placeOf(route: readonly Point[], alone: { start: boolean; end: boolean }): Place | undefined {
  if (alone.end) return lastPlace(route);
  const [a, b] = route;
  if (!alone.start || !a || !b) return undefined;
  const right = b.x >= a.x;
  return { x: a.x + (right ? 7 : -7), y: a.y, anchor: right ? 'start' : 'end' };
}

/** On the last stretch: in its middle, or where that is short, before the arrow. */
function lastPlace(route: readonly Point[]): Place | undefined {
  const [a, b] = route.slice(-2);
  if (!a || !b) return undefined;
  if (Math.abs(a.x - b.x) >= roomForText) return { x: (a.x + b.x) / 2, y: b.y, anchor: 'middle' };
  const right = b.x >= a.x;
  return { x: b.x + (right ? -12 : 12), y: b.y, anchor: right ? 'end' : 'start' };
}

const headLength = 9;

/** The route without the room of its arrow's head. */
function shortened(route: readonly Point[]): Point[] {
  const [before, end] = route.slice(-2);
  if (!before || !end) return [...route];
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const part = Math.max(0, 1 - (headLength - 2) / length);
  return [
    ...route.slice(0, -1),
    { x: before.x + (end.x - before.x) * part, y: before.y + (end.y - before.y) * part },
  ];
}

function arrow(route: readonly Point[], width: number): string {
  const [before, end] = route.slice(-2);
  if (!before || !end) return '';
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const half = 3 + width / 2;
  const [x, y] = [end.x - dx * headLength, end.y - dy * headLength];
  return `M${end.x} ${end.y}L${x - dy * half} ${y + dx * half}L${x + dy * half} ${y - dx * half}Z`;
}
