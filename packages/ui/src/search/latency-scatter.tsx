import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { TraceSummary } from '@throughline/query/api';
import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { brushBox, brushed, isDrag, type Brushed, type Point } from './brush.ts';
import { drawScatter, layoutScatter } from './draw-scatter.ts';
import classes from './latency-scatter.module.css';
import { nearestPoint, scatterPoints } from './scatter-points.ts';
import { TraceTooltip } from './trace-tooltip.tsx';

interface Props {
  readonly traces: readonly TraceSummary[];
  readonly domain: { readonly start: number; readonly end: number };
  readonly onOpen: (trace: TraceSummary) => void;
  readonly onBrush: (brushed: Brushed) => void;
}

const height = 168;

/** Traces by start and duration (logarithmic). Hovering names one, a click opens it, dragging selects a part. */
export function LatencyScatter({ traces, domain, onOpen, onBrush }: Props) {
  const { ref, width } = useElementSize();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const fontsLoaded = useFontsLoaded();
  const points = useMemo(() => scatterPoints(traces), [traces]);
  const frame = useMemo(
    () => layoutScatter(points, [domain.start, domain.end], Math.max(width, 120), height),
    [points, domain.start, domain.end, width],
  );
  const [pointer, setPointer] = useState<Point>();
  const [pressed, setPressed] = useState<Point>();
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
  }, [frame, points, hovered, width, scheme, fontsLoaded]);

  const where = (event: PointerEvent): Point => {
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
        <div className={classes.tooltip} style={beside(frame.xs[hovered]!, frame.ys[hovered]!, width)}>
          <TraceTooltip trace={trace} />
        </div>
      )}
    </div>
  );
}

/** What is drawn on a canvas keeps the font that was there at the time. */
function useFontsLoaded(): boolean {
  const [loaded, setLoaded] = useState(() => document.fonts.status === 'loaded');
  useEffect(() => {
    void document.fonts.ready.then(() => setLoaded(true));
  }, []);
  return loaded;
}

/** Where the note to a dot has room: on the side of the middle. */
function beside(x: number, y: number, width: number) {
  const top = Math.min(y + 12, height - 40);
  return x > width / 2 ? { top, right: width - x + 12 } : { top, left: x + 12 };
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
