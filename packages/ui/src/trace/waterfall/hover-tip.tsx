import { useEffect, useState, type RefObject } from 'react';
import { hoverNote } from './hover-note.ts';
import { timelineMargin, type Scene } from './scene.ts';
import { useLatest } from '../../hooks/use-latest.ts';
import classes from './waterfall.module.css';

/** On the screen. */
export interface Point {
  readonly clientX: number;
  readonly clientY: number;
}

/** What the event, log record or wait under the pointer is. */
export function HoverTip({
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
