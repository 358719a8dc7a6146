import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { TraceSummary } from '@throughline/query/api';
import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { drawScatter, layoutScatter, type ScatterFrame } from './draw-scatter.ts';
import classes from './latency-scatter.module.css';
import { nearestPoint, scatterPoints } from './scatter-points.ts';
import { TraceTooltip } from './trace-tooltip.tsx';

/** A part of the plot: milliseconds since 1970 and nanoseconds; a side that was not drawn is undefined. */
export interface Brushed {
  readonly times: { start: number; end: number } | undefined;
  readonly durations: { min: number; max: number } | undefined;
}

interface Props {
  readonly traces: readonly TraceSummary[];
  readonly domain: { readonly start: number; readonly end: number };
  readonly onOpen: (trace: TraceSummary) => void;
  readonly onBrush: (brushed: Brushed) => void;
}

const height = 168;
/** A drag shorter than this is a click, and on one axis: all of that axis. */
const leastDrag = 6;

/** Traces by start and duration (logarithmic). Hovering names one, a click opens it, dragging selects a part. */
export function LatencyScatter({ traces, domain, onOpen, onBrush }: Props) {
  const { ref, width } = useElementSize();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const points = useMemo(() => scatterPoints(traces), [traces]);
  const frame = useMemo(
    () => layoutScatter(points, [domain.start, domain.end], Math.max(width, 120), height),
    [points, domain.start, domain.end, width],
  );
  const [pointer, setPointer] = useState<readonly [number, number]>();
  const [pressed, setPressed] = useState<readonly [number, number]>();
  const dragging = pressed !== undefined && pointer !== undefined && isDrag(pressed, pointer);
  const hovered = pointer && !dragging ? nearestPoint(frame.xs, frame.ys, pointer, 9) : -1;

  useEffect(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScatter(context, frame, points, colorsOf(canvas), hovered);
  }, [frame, points, hovered, width, scheme]);

  const where = (event: PointerEvent): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const failed = points.failed.reduce((sum, one) => sum + one, 0);
  const trace = traces[hovered];
  return (
    <div ref={ref} className={classes.plot} style={{ height }}>
      <canvas
        ref={canvasRef}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it is drawn here, no picture has it
        role="img"
        aria-label={`Duration over time of ${traces.length} traces, ${failed} with errors. The list below has the same traces.`}
        style={{ cursor: trace ? 'pointer' : 'crosshair' }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setPressed(where(event));
        }}
        onPointerMove={(event) => setPointer(where(event))}
        onPointerLeave={() => setPointer(undefined)}
        onPointerCancel={() => setPressed(undefined)}
        onPointerUp={(event) => {
          const released = where(event);
          setPressed(undefined);
          if (!pressed) return;
          if (isDrag(pressed, released)) return onBrush(brushed(frame, pressed, released));
          const clicked = traces[nearestPoint(frame.xs, frame.ys, released, 9)];
          if (clicked) onOpen(clicked);
        }}
      />
      {dragging && <div className={classes.brush} style={brushBox(frame, pressed, pointer)} />}
      {trace && (
        <div
          className={classes.tooltip}
          style={{
            top: Math.min(frame.ys[hovered]! + 12, height - 40),
            ...(frame.xs[hovered]! > width / 2
              ? { right: width - frame.xs[hovered]! + 12 }
              : { left: frame.xs[hovered]! + 12 }),
          }}
        >
          <TraceTooltip trace={trace} />
        </div>
      )}
    </div>
  );
}

function isDrag(from: readonly [number, number], to: readonly [number, number]): boolean {
  return Math.hypot(to[0] - from[0], to[1] - from[1]) >= leastDrag;
}

type Point = readonly [number, number];

/** The drawn rectangle within the plot, each side as long as the whole axis where it was hardly drawn. */
function brushEdges(frame: ScatterFrame, a: Point, b: Point) {
  const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const wide = Math.abs(a[0] - b[0]) >= leastDrag;
  const tall = Math.abs(a[1] - b[1]) >= leastDrag;
  return {
    wide,
    tall,
    left: wide ? within(Math.min(a[0], b[0]), frame.left, frame.right) : frame.left,
    right: wide ? within(Math.max(a[0], b[0]), frame.left, frame.right) : frame.right,
    top: tall ? within(Math.min(a[1], b[1]), frame.top, frame.bottom) : frame.top,
    bottom: tall ? within(Math.max(a[1], b[1]), frame.top, frame.bottom) : frame.bottom,
  };
}

function brushBox(frame: ScatterFrame, a: Point, b: Point) {
  const { left, right, top, bottom } = brushEdges(frame, a, b);
  return { left, top, width: right - left, height: bottom - top };
}

function brushed(frame: ScatterFrame, a: Point, b: Point): Brushed {
  const edges = brushEdges(frame, a, b);
  return {
    times: edges.wide
      ? { start: Math.floor(frame.x.toValue(edges.left)), end: Math.ceil(frame.x.toValue(edges.right)) }
      : undefined,
    durations: edges.tall
      ? { min: frame.y.toValue(edges.bottom), max: frame.y.toValue(edges.top) }
      : undefined,
  };
}

function colorsOf(canvas: HTMLCanvasElement) {
  const style = getComputedStyle(canvas);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read('--mantine-color-dimmed'),
    line: read('--line'),
    dot: read('--accent-mark'),
    failed: read('--error-mark'),
    font: style.fontFamily,
  };
}
