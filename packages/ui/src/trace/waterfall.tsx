import { useElementSize, useLocalStorage } from '@mantine/hooks';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import { timeAt } from './bars.ts';
import { FoldMenu } from './fold-menu.tsx';
import { hoverNote } from './hover-note.ts';
import { logOf, rowShowing } from './rows.ts';
import { Ruler } from './ruler.tsx';
import { rulerTimes } from './ruler-times.ts';
import type { Paints, Scene } from './scene.ts';
import { Splitter } from './splitter.tsx';
import { WaterfallSurface } from './surface.ts';
import type { TraceState } from './use-trace-state.ts';
import classes from './waterfall.module.css';
import { length, pan, zoomAround } from './zoom.ts';

/** On the screen. */
interface Point {
  readonly clientX: number;
  readonly clientY: number;
}

/** Labels of the ruler are at least this far apart. */
const labelEveryPx = 96;

/** The tree of spans beside their bars. */
export function Waterfall({ state, paints }: { state: TraceState; paints: Paints }) {
  const { model, rows, folded, range, found, selected, goal, actions } = state;
  const [stored, setNameWidth] = useLocalStorage({
    key: 'throughline-name-width',
    defaultValue: 400,
    getInitialValueInEffect: false,
  });
  const { ref: scroller, width, height } = useElementSize<HTMLDivElement>();
  const nameWidth = Math.min(stored, Math.max(Math.round(width * 0.75), 120));
  const timeWidth = Math.max(width - nameWidth, 1);
  const ruler = useMemo(
    () => rulerTimes(range, (length(range) * labelEveryPx) / timeWidth),
    [range, timeWidth],
  );
  const scene = useMemo<Scene>(
    () => ({
      model,
      rows,
      folded,
      range,
      paints,
      selected,
      matches: found?.matches,
      layout: { width, height, nameWidth },
    }),
    [model, rows, folded, range, paints, selected, found, width, height, nameWidth],
  );
  const { surface, elements } = useSurface(scene, ruler.times);
  useEffect(() => {
    if (!goal || height === 0) return;
    surface.current?.reveal(rowShowing(model.tree, rows, goal.node), goal.where);
    // A goal is reached once; it is not returned to when something else changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [goal, height > 0]);
  useWheel(elements.viewport, state, nameWidth, timeWidth);

  const contentAt = ({ clientX, clientY }: Point) => {
    const box = elements.viewport.current?.getBoundingClientRect() ?? new DOMRect();
    const row = surface.current?.rowAt(clientY - box.top) ?? -1;
    return { content: rows.content[row], x: clientX - box.left - nameWidth };
  };
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const { content } = contentAt(event);
    if (content === undefined || window.getSelection()?.type === 'Range') return;
    const node = content >= 0 ? content : model.logs.node[logOf(content)]!;
    if (node < 0) return;
    if (!(event.target as Element).closest('[data-toggle]')) return actions.open(node);
    const at = event.shiftKey || event.altKey ? 'subtree' : 'span';
    actions.fold({ at, key: model.keyOf(node), folded: !folded[node] });
  };
  const onDoubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const { content, x } = contentAt(event);
    if (content === undefined || content < 0 || x < 0) return;
    const { start, duration } = model.columns;
    const margin = duration[content]! * 0.05;
    actions.zoom({ from: start[content]! - margin, to: start[content]! + duration[content]! + margin });
  };

  return (
    <div className={classes.waterfall}>
      <div className={classes.head}>
        <div className={classes.nameHead} style={{ width: nameWidth }}>
          <span>Service and operation</span>
          <FoldMenu state={state} />
        </div>
        <Ruler state={state} ruler={ruler} width={timeWidth} />
      </div>
      <div className={classes.body}>
        <div ref={scroller} className={classes.scroller} onScroll={() => surface.current?.render()}>
          <div ref={elements.spacer} className={classes.spacer}>
            <div
              ref={elements.viewport}
              className={classes.viewport}
              style={{ height }}
              onClick={onClick}
              onDoubleClick={onDoubleClick}
            >
              <canvas ref={elements.canvas} className={classes.canvas} aria-hidden />
              <div
                ref={elements.grid}
                className={classes.grid}
                style={{ ['--name-width' as string]: `${nameWidth}px` }}
                role="treegrid"
                tabIndex={0}
                aria-label="Spans"
                aria-colcount={2}
              />
              <div
                ref={elements.pinned}
                className={classes.pinned}
                style={{ ['--name-width' as string]: `${nameWidth}px` }}
                aria-hidden
              >
                <canvas ref={elements.pinnedCanvas} className={classes.canvas} />
              </div>
              <HoverNote scene={scene} contentAt={contentAt} target={elements.viewport} />
            </div>
          </div>
        </div>
        <div className={classes.split} style={{ left: nameWidth }}>
          <Splitter
            lies="vertical"
            split={{
              label: 'Width of the names',
              size: nameWidth,
              min: 120,
              max: Math.max(Math.round(width * 0.75), 120),
              set: setNameWidth,
            }}
          />
        </div>
      </div>
    </div>
  );
}

function useSurface(scene: Scene, times: readonly number[]) {
  const elements = {
    spacer: useRef<HTMLDivElement>(null),
    viewport: useRef<HTMLDivElement>(null),
    grid: useRef<HTMLDivElement>(null),
    canvas: useRef<HTMLCanvasElement>(null),
    pinned: useRef<HTMLDivElement>(null),
    pinnedCanvas: useRef<HTMLCanvasElement>(null),
  };
  const surface = useRef<WaterfallSurface>(undefined);
  useLayoutEffect(() => {
    const spacer = elements.spacer.current;
    const scroller = spacer?.parentElement;
    const { grid, canvas, pinned, pinnedCanvas } = elements;
    if (!spacer || !scroller || !grid.current || !canvas.current || !pinned.current || !pinnedCanvas.current)
      return;
    surface.current = new WaterfallSurface({
      scroller,
      spacer,
      grid: grid.current,
      canvas: canvas.current,
      pinned: pinned.current,
      pinnedCanvas: pinnedCanvas.current,
    });
    return () => surface.current?.destroy();
    // The elements stay the same as long as the component is mounted.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useLayoutEffect(() => {
    if (scene.layout.height > 0 && scene.layout.width > 0) surface.current?.update(scene, times);
  }, [scene, times]);
  return { surface, elements };
}

/** Ctrl or Cmd with the wheel zooms around the pointer, Shift or a sideways wheel moves along. */
function useWheel(
  viewport: { current: HTMLElement | null },
  state: TraceState,
  nameWidth: number,
  timeWidth: number,
) {
  const latest = useRef({ state, nameWidth, timeWidth });
  latest.current = { state, nameWidth, timeWidth };
  useEffect(() => {
    const element = viewport.current;
    const onWheel = (event: WheelEvent) => {
      const { state: now, nameWidth: names, timeWidth: wide } = latest.current;
      const { range, model, actions } = now;
      const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const x = event.clientX - (element?.getBoundingClientRect().left ?? 0) - names;
        const at = timeAt(range, wide, Math.max(0, x));
        actions.zoom(zoomAround(model.whole, range, at, Math.exp(event.deltaY * 0.002)));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        actions.zoom(pan(model.whole, range, (sideways / wide) * length(range)));
      }
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [viewport]);
}

/** What the event, log record or wait under the pointer is. */
function HoverNote({
  scene,
  contentAt,
  target,
}: {
  scene: Scene;
  contentAt: (point: Point) => { content: number | undefined; x: number };
  target: { current: HTMLElement | null };
}) {
  const [note, setNote] = useState<{ text: string; left: number; top: number }>();
  const latest = useRef({ scene, contentAt });
  latest.current = { scene, contentAt };
  useEffect(() => {
    const element = target.current;
    const onMove = (event: PointerEvent) => {
      const now = latest.current;
      const { content, x } = now.contentAt(event);
      const text = content === undefined || x < 0 ? undefined : hoverNote(now.scene, content, x);
      const box = element?.getBoundingClientRect();
      setNote(
        text && box ? { text, left: event.clientX - box.left, top: event.clientY - box.top } : undefined,
      );
    };
    const onLeave = () => setNote(undefined);
    element?.addEventListener('pointermove', onMove);
    element?.addEventListener('pointerleave', onLeave);
    return () => {
      element?.removeEventListener('pointermove', onMove);
      element?.removeEventListener('pointerleave', onLeave);
    };
  }, [target]);
  if (!note) return null;
  const { width, height } = scene.layout;
  return (
    <div
      className={classes.note}
      role="tooltip"
      style={{
        ...(note.left > width - 300 ? { right: width - note.left + 10 } : { left: note.left + 12 }),
        ...(note.top > height - 90 ? { bottom: height - note.top + 12 } : { top: note.top + 16 }),
      }}
    >
      {note.text}
    </div>
  );
}
