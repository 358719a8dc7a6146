import { useEffect, type RefObject } from 'react';
import { timeAt } from './bars.ts';
import { timelineLeft } from './scene.ts';
import { useLatest } from '../../hooks/use-latest.ts';
import type { TraceState } from '../use-trace-state.ts';
import { length, pan, zoomAround } from '../zoom.ts';

/** Ctrl or Cmd with the wheel zooms around the pointer, Shift or a sideways wheel moves along. */
export function useWheel(
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
