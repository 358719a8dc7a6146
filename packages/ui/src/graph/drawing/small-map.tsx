import { useMemo, type PointerEvent } from 'react';
import { startDrag } from '../../hooks/use-drag.ts';
import { centredOn, sight, type Camera, type Size } from './camera.ts';
import { cardHeight, cardWidth, type DrawnGraph, type Layout } from './graph.ts';
import classes from './graph-view.module.css';

const most = { width: 200, height: 130 };

interface SmallMapProps {
  readonly graph: DrawnGraph;
  readonly layout: Layout;
  readonly camera: Camera;
  readonly view: Size;
  readonly onMove: (camera: Camera) => void;
}

/** The whole graph in small with what is seen of it, to drag; there only while something is out of sight. */
export function SmallMap({ graph, layout, camera, view, onMove }: SmallMapProps) {
  const scale = Math.min(most.width / layout.width, most.height / layout.height);
  const cards = useMemo(
    () =>
      graph.nodes.map(({ color, errors }, at) => (
        <rect
          key={at}
          {...layout.corners[at]}
          width={cardWidth}
          height={cardHeight}
          fill={errors > 0 ? 'var(--error-mark)' : color}
        />
      )),
    [graph, layout],
  );
  const seen = sight(camera, view);
  const allSeen =
    seen.x <= 0 &&
    seen.y <= 0 &&
    seen.x + seen.width >= layout.width &&
    seen.y + seen.height >= layout.height;
  if (allSeen || view.width < 3 * most.width) return null;
  const go = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const at = (dx: number, dy: number) =>
      onMove(
        centredOn(
          camera,
          { x: (event.clientX - left + dx) / scale, y: (event.clientY - top + dy) / scale },
          view,
        ),
      );
    at(0, 0);
    startDrag(event, { move: at });
  };
  const edge = 1.5 / scale;
  return (
    <div className={classes.map} onPointerDown={go} aria-hidden data-map>
      <svg
        width={layout.width * scale}
        height={layout.height * scale}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
      >
        {cards}
        <rect {...clipped(seen, layout, edge)} className={classes.seen} strokeWidth={edge} rx={3 / scale} />
      </svg>
    </div>
  );
}

function clipped(seen: ReturnType<typeof sight>, { width, height }: Size, edge: number) {
  const [left, top] = [Math.max(seen.x, edge / 2), Math.max(seen.y, edge / 2)];
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.min(seen.x + seen.width, width - edge / 2) - left),
    height: Math.max(0, Math.min(seen.y + seen.height, height - edge / 2) - top),
  };
}
