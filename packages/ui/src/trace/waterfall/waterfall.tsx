import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useLayoutEffect, useMemo, useRef, type MouseEvent, type RefObject } from 'react';
import { FoldMenu } from './fold-menu.tsx';
import { HoverTip, type Point } from './hover-tip.tsx';
import { logOf, rowShowing } from '../rows.ts';
import { Ruler } from './ruler.tsx';
import { rulerTimes } from './ruler-times.ts';
import { timelineLeft, timelineMargin, timelineWidth, type Paints, type Scene } from './scene.ts';
import { Splitter } from '../splitter.tsx';
import { WaterfallSurface } from './surface.ts';
import { useSize } from '../../hooks/use-size.ts';
import type { Goal, TraceState } from '../use-trace-state.ts';
import { useWheel } from './use-wheel.ts';
import classes from './waterfall.module.css';
import { length } from '../zoom.ts';

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
        <HoverTip scene={scene} contentAt={contentAt} target={scroller} />
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
