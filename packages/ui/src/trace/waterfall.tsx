import { useLocalStorage } from '@mantine/hooks';
import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type RefObject,
} from 'react';
import { timeAt } from './bars.ts';
import { FoldMenu } from './fold-menu.tsx';
import { hoverNote } from './hover-note.ts';
import { logOf, rowShowing } from './rows.ts';
import { Ruler } from './ruler.tsx';
import { rulerTimes } from './ruler-times.ts';
import { timelineLeft, timelineMargin, timelineWidth, type Paints, type Scene } from './scene.ts';
import { Splitter } from './splitter.tsx';
import { WaterfallSurface } from './surface.ts';
import { useLatest } from './use-latest.ts';
import { useSize } from './use-size.ts';
import type { Goal, TraceState } from './use-trace-state.ts';
import classes from './waterfall.module.css';
import { length, pan, zoomAround } from './zoom.ts';

/** On the screen. */
interface Point {
  readonly clientX: number;
  readonly clientY: number;
}

/** Labels of the ruler are at least this far apart. */
const labelEveryPx = 116;

/** The tree of spans beside their bars. */
export function Waterfall({ state, paints }: { state: TraceState; paints: Paints }) {
  const { model, rows, folded, range, found, selected, goal, actions } = state;
  const [stored, setNameWidth] = useLocalStorage({
    key: 'throughline-name-width',
    defaultValue: 400,
    getInitialValueInEffect: false,
  });
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const nameWidth = Math.min(stored, Math.max(Math.round(width * 0.6), 120));
  const timeWidth = timelineWidth({ width, nameWidth });
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
  const surface = useSurface(scroller, scene, ruler.times);
  const reached = useRef<Goal>(undefined);
  useEffect(() => {
    if (!goal || goal === reached.current || height === 0) return;
    reached.current = goal;
    surface.current?.reveal(rowShowing(model.tree, rows, goal.node), goal.where);
  }, [goal, height, rows, model, surface]);
  useWheel(scroller, state, nameWidth, timeWidth);

  const contentAt = ({ clientX, clientY }: Point) => {
    const box = scroller.current?.getBoundingClientRect() ?? new DOMRect();
    const row = surface.current?.rowAt(clientY - box.top) ?? -1;
    return { content: rows.content[row], x: clientX - box.left - timelineLeft({ nameWidth }) };
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
    if (content === undefined || content < 0 || x < -timelineMargin) return;
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
        {/* The keys for all this are the page's (use-trace-keys). */}
        {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
        <div
          ref={scroller}
          className={classes.scroller}
          onScroll={() => surface.current?.render()}
          onClick={onClick}
          onDoubleClick={onDoubleClick}
        />
        <HoverNote scene={scene} contentAt={contentAt} target={scroller} />
        <div className={classes.split} style={{ left: nameWidth }}>
          <Splitter
            lies="vertical"
            split={{
              label: 'Width of the names',
              size: nameWidth,
              min: 120,
              max: Math.max(Math.round(width * 0.6), 120),
              set: setNameWidth,
            }}
          />
        </div>
      </div>
    </div>
  );
}

function useSurface(scroller: RefObject<HTMLElement | null>, scene: Scene, times: readonly number[]) {
  const surface = useRef<WaterfallSurface>(undefined);
  useLayoutEffect(() => {
    if (!scroller.current) return;
    const made = new WaterfallSurface(scroller.current);
    surface.current = made;
    return () => made.destroy();
  }, [scroller]);
  useLayoutEffect(() => {
    if (scene.layout.height > 0 && scene.layout.width > 0) surface.current?.update(scene, times);
  }, [scene, times]);
  return surface;
}

/** Ctrl or Cmd with the wheel zooms around the pointer, Shift or a sideways wheel moves along. */
function useWheel(
  target: RefObject<HTMLElement | null>,
  state: TraceState,
  nameWidth: number,
  timeWidth: number,
) {
  const latest = useLatest({ state, nameWidth, timeWidth });
  useEffect(() => {
    const element = target.current;
    const onWheel = (event: WheelEvent) => {
      const { state: now, nameWidth: names, timeWidth: wide } = latest.current;
      const { range, model, actions } = now;
      const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const x =
          event.clientX - (element?.getBoundingClientRect().left ?? 0) - timelineLeft({ nameWidth: names });
        const at = timeAt(range, wide, Math.max(0, x));
        actions.zoom(zoomAround(model.whole, range, at, Math.exp(event.deltaY * 0.002)));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        actions.zoom(pan(model.whole, range, (sideways / wide) * length(range)));
      }
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [target, latest]);
}

/** What the event, log record or wait under the pointer is. */
function HoverNote({
  scene,
  contentAt,
  target,
}: {
  scene: Scene;
  contentAt: (point: Point) => { content: number | undefined; x: number };
  target: RefObject<HTMLElement | null>;
}) {
  const [note, setNote] = useState<{ text: string; left: number; top: number }>();
  const latest = useLatest({ scene, contentAt });
  useEffect(() => {
    const element = target.current;
    const onMove = (event: PointerEvent) => {
      const now = latest.current;
      const { content, x } = now.contentAt(event);
      const text =
        content === undefined || x < -timelineMargin ? undefined : hoverNote(now.scene, content, x);
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
  }, [target, latest]);
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
