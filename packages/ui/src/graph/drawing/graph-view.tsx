import { useEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { useShortcuts } from '../../shell/shortcuts.tsx';
import { startDrag } from '../../hooks/use-drag.ts';
import { useLatest } from '../../hooks/use-latest.ts';
import { useSize } from '../../hooks/use-size.ts';
import { fitting, kept, moved, opening, revealing, zoomedAt, type Camera } from './camera.ts';
import { Cards } from './cards.tsx';
import { Edges } from './edges.tsx';
import { cardHeight, cardWidth, type DrawnGraph, type GraphActions, type Layout } from './graph.ts';
import classes from './graph-view.module.css';
import { neighbour, type Direction } from './neighbour.ts';
import { SmallMap } from './small-map.tsx';
import { useWheel } from './use-wheel.ts';
import { ZoomButtons } from './zoom-buttons.tsx';

export interface GraphViewProps {
  readonly graph: DrawnGraph;
  readonly layout: Layout;
  /** What it is a graph of, for those who do not see it. */
  readonly label: string;
  /** -1: none. */
  readonly selected: number;
  /** By node whether it is looked for; undefined: nothing is. */
  readonly matches: readonly boolean[] | undefined;
  readonly actions: GraphActions;
  /**
   * What it is a graph of: while that stays, so does the part that is looked at, also when nodes come or go. Default:
   * with every new layout the view begins anew.
   */
  readonly subject?: string;
  /** What opening a node does. */
  readonly openHelp?: string;
  /** Instead of the usual cards and edges, in the places that the layout gives them. */
  readonly children?: ReactNode;
}

const zoomStep = 1.3;

/** Draws a graph; one pans by dragging or by the wheel, zooms by Ctrl and the wheel, walks by the arrow keys. */
export function GraphView(props: GraphViewProps) {
  const { graph, layout, label, selected, matches, actions, openHelp = 'Go to its spans', children } = props;
  const subject = props.subject ?? layout;
  const box = useRef<HTMLElement>(null);
  const view = useSize(box);
  const [given, setCamera] = useState<{ subject: string | Layout; camera: Camera }>();
  const boxOf = (node: number) => ({ ...layout.corners[node]!, width: cardWidth, height: cardHeight });
  const looked = layout.corners[Math.max(0, selected)] && boxOf(Math.max(0, selected));
  const ready = view.width > 0;
  const start = useMemo(
    () => opening(layout, view, looked),
    // What is selected later is brought into sight by the effect below, and a view that changes moves nothing.
    // oxlint-disable-next-line react/exhaustive-deps
    [layout, ready],
  );
  const camera = given?.subject === subject ? kept(given.camera, layout, view) : start;
  const set = (next: Camera) => setCamera({ subject, camera: kept(next, layout, view) });
  const latest = useLatest({ camera, set, view, boxOf });

  useEffect(() => {
    const now = latest.current;
    if (selected < 0 || now.view.width === 0) return;
    const next = revealing(now.camera, now.boxOf(selected), now.view);
    if (next.x !== now.camera.x || next.y !== now.camera.y) now.set(next);
  }, [selected, layout, view, latest]);
  useWheel(box, {
    pan: (dx, dy) => latest.current.set(moved(latest.current.camera, dx, dy)),
    zoom: (factor, point) => latest.current.set(zoomedAt(latest.current.camera, point, factor)),
  });

  const zoom = (factor: number) => set(zoomedAt(camera, { x: view.width / 2, y: view.height / 2 }, factor));
  const fit = () => set(fitting(layout, view));
  const go = (direction: Direction) => () => actions.select(neighbour(layout, selected, direction));
  useShortcuts('Graph', [
    { keys: ['ArrowRight'], help: 'To the right', run: go('right') },
    { keys: ['ArrowLeft'], help: 'To the left', run: go('left') },
    { keys: ['ArrowDown', 'j'], help: 'Down', run: go('down') },
    { keys: ['ArrowUp', 'k'], help: 'Up', run: go('up') },
    { keys: ['Enter'], help: openHelp, run: () => selected >= 0 && actions.open(selected) },
    { keys: ['+', '='], help: 'Zoom in', run: () => zoom(zoomStep) },
    { keys: ['-'], help: 'Zoom out', run: () => zoom(1 / zoomStep) },
    { keys: ['0'], help: 'Show all of it', run: fit },
  ]);
  const drag = (event: PointerEvent<HTMLElement>) => {
    if ((event.target as Element).closest('button, [data-edge]')) return;
    const from = camera;
    startDrag(event, {
      move: (dx, dy) => set(moved(from, dx, dy)),
      end: (wasMoved) => !wasMoved && actions.select(-1),
    });
  };

  return (
    <div className={classes.frame}>
      <section ref={box} className={classes.view} onPointerDown={drag} aria-label={label}>
        {ready && (
          <div
            className={classes.layer}
            data-level={levelOf(camera.scale)}
            style={{
              transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})`,
              ['--zoom' as string]: camera.scale,
            }}
          >
            {children ?? (
              <>
                <Edges graph={graph} layout={layout} selected={selected} />
                <Cards
                  graph={graph}
                  layout={layout}
                  selected={selected}
                  matches={matches}
                  actions={actions}
                />
              </>
            )}
          </div>
        )}
      </section>
      <ZoomButtons zoom={zoom} step={zoomStep} fit={fit} />
      <SmallMap graph={graph} layout={layout} camera={camera} view={view} onMove={set} />
    </div>
  );
}

/** How much of a card can be read: all, its title, or nothing. */
function levelOf(scale: number): 'all' | 'title' | 'none' {
  return scale >= 0.62 ? 'all' : scale >= 0.3 ? 'title' : 'none';
}
