import { useState, type PointerEvent } from 'react';
import { timeAt, xOf } from './bars.ts';
import classes from './ruler.module.css';
import { rulerLabel, type RulerTimes } from './ruler-times.ts';
import { timelineMargin } from './scene.ts';
import { startDrag } from '../../hooks/use-drag.ts';
import type { TraceState } from '../use-trace-state.ts';
import { length, type Range } from '../zoom.ts';

/** Times above the bars; drag along it to look at a part. */
export function Ruler({ state, ruler, width }: { state: TraceState; ruler: RulerTimes; width: number }) {
  const { range, actions } = state;
  const [draft, setDraft] = useState<Range>();
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const from = timeAt(
      range,
      width,
      event.clientX - event.currentTarget.getBoundingClientRect().left - timelineMargin,
    );
    let next: Range | undefined;
    startDrag(event, {
      move: (dx) => {
        const to = from + (dx / width) * length(range);
        next = { from: Math.min(from, to), to: Math.max(from, to) };
        setDraft(next);
      },
      end: () => {
        setDraft(undefined);
        if (next) actions.zoom(next);
      },
    });
  };
  return (
    <div
      data-ruler
      className={classes.ruler}
      onPointerDown={drag}
      onDoubleClick={() => actions.zoom(undefined)}
    >
      {draft && (
        <div
          className={classes.draft}
          style={{
            left: xOf(range, width, draft.from) + timelineMargin,
            width: (length(draft) / length(range)) * width,
          }}
        />
      )}
      {ruler.times.map((time) => (
        <span
          key={time}
          className={classes.label}
          style={{ left: Math.round(xOf(range, width, time)) + timelineMargin }}
          data-last={xOf(range, width, time) > width - 56 || undefined}
        >
          {rulerLabel(time, ruler.step, range)}
        </span>
      ))}
    </div>
  );
}
