import { memo, useId } from 'react';
import { edgePath, textPlace } from './edge-path.ts';
import type { DrawnEdge, DrawnGraph, Layout } from './graph.ts';
import classes from './graph-view.module.css';

/** The edges below the cards; those of the selected node stand out. */
export const Edges = memo(function Edges({
  graph,
  layout,
  selected,
}: {
  graph: DrawnGraph;
  layout: Layout;
  selected: number;
}) {
  const id = useId();
  const isNear = ({ from, to }: DrawnEdge) => from === selected || to === selected;
  // Those that stand out are drawn last, over the others.
  const order = graph.edges.map((_, at) => at);
  if (selected >= 0)
    order.sort((a, b) => Number(isNear(graph.edges[a]!)) - Number(isNear(graph.edges[b]!)) || a - b);
  const into = new Map<number, number>();
  for (const { to, back } of graph.edges) if (!back) into.set(to, (into.get(to) ?? 0) + 1);
  return (
    <svg className={classes.edges} width={layout.width} height={layout.height} aria-hidden>
      <defs>
        {(['usual', 'failed', 'near'] as const).map((tone) => (
          <marker
            key={tone}
            id={`${id}${tone}`}
            viewBox="0 0 8 8"
            refX={7}
            refY={4}
            markerWidth={9}
            markerHeight={9}
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M0 0.5 L7.5 4 L0 7.5 z" className={classes.head} data-tone={tone} />
          </marker>
        ))}
      </defs>
      {order.map((at) => {
        const edge = graph.edges[at]!;
        const route = layout.routes[at] ?? [];
        const tone = isNear(edge) ? 'near' : edge.failed ? 'failed' : 'usual';
        const place = textPlace(route);
        // Where several edges end side by side their texts would lie on each other.
        const hasText = edge.text !== '' && (tone === 'near' || into.get(edge.to) === 1);
        return (
          <g key={at} data-tone={tone} className={classes.edge} data-edge={`${edge.from}-${edge.to}`}>
            <path
              d={edgePath(route)}
              strokeWidth={edge.width}
              strokeDasharray={edge.back ? '2 5' : edge.dashed ? '7 5' : undefined}
              markerEnd={`url(#${id}${tone})`}
            />
            {hasText && (
              <text x={place.x} y={place.y - 4}>
                {edge.text}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
});
