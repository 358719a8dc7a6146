import { useEffect, type RefObject } from 'react';
import { useLatest } from '../../hooks/use-latest.ts';
import type { Point } from './graph.ts';

interface WheelActions {
  readonly pan: (dx: number, dy: number) => void;
  /** Around a point of the element. */
  readonly zoom: (factor: number, point: Point) => void;
}

const lineHeight = 16;

/** The wheel moves, with Shift sideways; with Ctrl or Cmd, as which two fingers drawn apart come too, it zooms. */
export function useWheel(target: RefObject<HTMLElement | null>, actions: WheelActions) {
  const latest = useLatest(actions);
  useEffect(() => {
    const element = target.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? lineHeight : 1;
      const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
      const { left = 0, top = 0 } = element?.getBoundingClientRect() ?? {};
      if (event.ctrlKey || event.metaKey)
        latest.current.zoom(Math.exp(-dy * 0.004), { x: event.clientX - left, y: event.clientY - top });
      else if (event.shiftKey) latest.current.pan(-(dx || dy), 0);
      else latest.current.pan(-dx, -dy);
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [target, latest]);
}
