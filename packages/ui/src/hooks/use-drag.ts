import type { PointerEvent } from 'react';

export interface Drag {
  /** Each time the pointer moves, with its distance from where it was pressed. */
  readonly move: (dx: number, dy: number, event: globalThis.PointerEvent) => void;
  readonly end?: (moved: boolean) => void;
}

/** Less is a click by a hand that is not quite still. */
const threshold = 3;

/** Follows the pointer from a press until it is let go, wherever it goes. */
export function startDrag(event: PointerEvent<HTMLElement>, drag: Drag) {
  if (event.button !== 0) return;
  const target = event.currentTarget;
  const { clientX, clientY, pointerId } = event;
  let moved = false;
  target.setPointerCapture(pointerId);
  const onMove = (next: globalThis.PointerEvent) => {
    const [dx, dy] = [next.clientX - clientX, next.clientY - clientY];
    moved ||= Math.hypot(dx, dy) > threshold;
    if (moved) drag.move(dx, dy, next);
  };
  const onEnd = () => {
    target.removeEventListener('pointermove', onMove);
    target.removeEventListener('pointerup', onEnd);
    target.removeEventListener('pointercancel', onEnd);
    drag.end?.(moved);
  };
  target.addEventListener('pointermove', onMove);
  target.addEventListener('pointerup', onEnd);
  target.addEventListener('pointercancel', onEnd);
}
