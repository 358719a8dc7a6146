import type { KeyboardEvent } from 'react';
import classes from './splitter.module.css';
import { startDrag } from '../hooks/use-drag.ts';

interface Split {
  readonly label: string;
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly set: (size: number) => void;
}

/**
 * A line to drag between two areas; also by arrow keys. `size` is that of the area before it, or with `after` of the
 * one behind it.
 */
export function Splitter({
  split,
  lies,
  after = false,
}: {
  split: Split;
  lies: 'vertical' | 'horizontal';
  after?: boolean;
}) {
  const { size, min, max, set } = split;
  const sign = after ? -1 : 1;
  const put = (next: number) => set(Math.round(Math.min(Math.max(next, min), max)));
  const onKeyDown = (event: KeyboardEvent) => {
    const less = lies === 'vertical' ? 'ArrowLeft' : 'ArrowUp';
    const more = lies === 'vertical' ? 'ArrowRight' : 'ArrowDown';
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    put(size + (event.key === more ? 16 : -16) * sign);
  };
  return (
    <div
      className={`${classes.splitter} ${classes[lies]}`}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- one that moves is not a thematic break
      role="separator"
      tabIndex={0}
      aria-label={split.label}
      aria-orientation={lies}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.preventDefault();
        startDrag(event, { move: (dx, dy) => put(size + (lies === 'vertical' ? dx : dy) * sign) });
      }}
    />
  );
}
