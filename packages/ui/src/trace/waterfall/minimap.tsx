import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { formatDuration } from '../../design/format-duration.ts';
import { timeAt, xOf } from './bars.ts';
import classes from './minimap.module.css';
import { minimapPixels, pixelOf } from './minimap-pixels.ts';
import type { Paints } from './scene.ts';
import { startDrag } from '../../hooks/use-drag.ts';
import { useSize } from '../../hooks/use-size.ts';
import type { TraceState } from '../use-trace-state.ts';
import { isWhole, length, pan, type Range } from '../zoom.ts';

const height = 52;

/** The whole trace in small: drag across it to look at a part, double-click to see all of it. */
export function Minimap({ state, paints }: { state: TraceState; paints: Paints }) {
  const { model, range, actions } = state;
  const { whole } = model;
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const [draft, setDraft] = useState<Range>();
  const shown = draft ?? range;
  const left = xOf(whole, width, shown.from);
  const right = xOf(whole, width, shown.to);

  const dragNew = (event: PointerEvent<HTMLDivElement>) => {
    const from = timeAt(whole, width, event.clientX - event.currentTarget.getBoundingClientRect().left);
    let next: Range | undefined;
    startDrag(event, {
      move: (dx) => {
        const to = from + (dx / width) * length(whole);
        next = { from: Math.min(from, to), to: Math.max(from, to) };
        setDraft(next);
      },
      end: () => {
        setDraft(undefined);
        if (next) actions.zoom(next);
      },
    });
  };
  const dragPart = (event: PointerEvent<HTMLElement>, part: 'from' | 'to' | 'both') => {
    event.stopPropagation();
    startDrag(event, { move: (dx) => actions.zoom(moved(whole, range, part, (dx / width) * length(whole))) });
  };
  const nudge = (event: KeyboardEvent, part: 'from' | 'to' | 'both') => {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    actions.zoom(moved(whole, range, part, (direction * length(whole)) / 100));
  };

  return (
    <div
      ref={box}
      className={classes.minimap}
      style={{ height }}
      onPointerDown={dragNew}
      onDoubleClick={() => actions.zoom(undefined)}
      title="Drag to look at a part; double-click to see the whole trace"
    >
      <MinimapCanvas state={state} paints={paints} width={Math.floor(width)} />
      <div className={classes.shade} style={{ left: 0, width: Math.max(0, left) }} />
      <div className={classes.shade} style={{ left: right, right: 0 }} />
      {!isWhole(whole, shown) && (
        <div
          className={classes.grip}
          style={{ left, width: right - left }}
          onPointerDown={(event) => dragPart(event, 'both')}
        />
      )}
      {(['from', 'to'] as const).map((part) => (
        <div
          key={part}
          className={classes.handle}
          style={{ left: Math.min(Math.max(part === 'from' ? left : right, 3), width - 3) }}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- two handles over a picture: no input is that
          role="slider"
          tabIndex={0}
          aria-label={part === 'from' ? 'Start of the part shown' : 'End of the part shown'}
          aria-valuemin={Math.round(whole.from)}
          aria-valuemax={Math.round(whole.to)}
          aria-valuenow={Math.round(shown[part])}
          aria-valuetext={formatDuration(shown[part])}
          onKeyDown={(event) => nudge(event, part)}
          onPointerDown={(event) => dragPart(event, part)}
        />
      ))}
    </div>
  );
}

function moved(whole: Range, range: Range, part: 'from' | 'to' | 'both', by: number): Range {
  if (part === 'both') return pan(whole, range, by);
  return { ...range, [part]: range[part] + by };
}

function MinimapCanvas({ state, paints, width }: { state: TraceState; paints: Paints; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { model } = state;
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d');
    if (!canvas.current || !ctx || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round((height - 8) * ratio)];
    canvas.current.width = wide;
    canvas.current.height = high;
    const colors = Uint32Array.from(paints.services, pixelOf);
    const pixels = minimapPixels(model, wide, high, colors, pixelOf(paints.error));
    ctx.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), wide, high), 0, 0);
  }, [model, paints, width]);
  return <canvas ref={canvas} className={classes.canvas} style={{ width, height: height - 8 }} aria-hidden />;
}
