import { formatDuration } from '../design/format-duration.ts';
import { formatClock, formatDate } from '../design/format-time.ts';
import type { ScatterPoints } from './scatter-points.ts';
import { linearScale, logDomain, logScale, durationTicks, timeTicks, type Scale } from './scatter-scale.ts';

export interface ScatterFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  /** Where each point is, in CSS pixels. */
  readonly xs: Float32Array;
  readonly ys: Float32Array;
}

export function layoutScatter(
  points: ScatterPoints,
  xDomain: readonly [number, number],
  width: number,
  height: number,
): ScatterFrame {
  const [left, right, top, bottom] = [58, width - 14, 8, height - 22];
  const yDomain = logDomain(points.duration);
  const x = linearScale(xDomain, [left, right]);
  const y = logScale(yDomain, [bottom, top]);
  const xs = Float32Array.from(points.at, (at) => x.toPixel(at));
  const ys = Float32Array.from(points.duration, (duration) => y.toPixel(duration));
  return { width, height, left, right, top, bottom, x, y, xDomain, yDomain, xs, ys };
}

export interface ScatterColors {
  readonly text: string;
  readonly line: string;
  readonly dot: string;
  readonly failed: string;
  readonly font: string;
}

/** Hot: runs for every point at every change of data, size or hovered point. */
export function drawScatter(
  canvas: CanvasRenderingContext2D,
  frame: ScatterFrame,
  points: ScatterPoints,
  colors: ScatterColors,
  marked: number,
): void {
  canvas.clearRect(0, 0, frame.width, frame.height);
  canvas.font = `11px ${colors.font}`;
  drawAxes(canvas, frame, colors);
  const radius = frame.xs.length > 500 ? 2.25 : 3;
  canvas.globalAlpha = frame.xs.length > 500 ? 0.5 : 0.65;
  drawDots(canvas, frame, points, 0, radius, colors.dot);
  canvas.globalAlpha = 0.85;
  drawDots(canvas, frame, points, 1, radius + 0.5, colors.failed);
  canvas.globalAlpha = 1;
  if (marked < 0) return;
  canvas.beginPath();
  canvas.arc(frame.xs[marked]!, frame.ys[marked]!, radius + 3, 0, Math.PI * 2);
  canvas.lineWidth = 1.5;
  canvas.strokeStyle = colors.text;
  canvas.stroke();
}

function drawDots(
  canvas: CanvasRenderingContext2D,
  { xs, ys, left, right }: ScatterFrame,
  { failed }: ScatterPoints,
  which: 0 | 1,
  radius: number,
  color: string,
): void {
  canvas.fillStyle = color;
  for (let i = 0; i < xs.length; i++) {
    if (failed[i] !== which || xs[i]! < left || xs[i]! > right + 2) continue;
    canvas.beginPath();
    canvas.arc(xs[i]!, ys[i]!, radius, 0, Math.PI * 2);
    canvas.fill();
  }
}

function drawAxes(canvas: CanvasRenderingContext2D, frame: ScatterFrame, colors: ScatterColors): void {
  const { left, right, top, bottom, x, y } = frame;
  canvas.lineWidth = 1;
  canvas.strokeStyle = colors.line;
  canvas.fillStyle = colors.text;
  canvas.textBaseline = 'middle';
  canvas.textAlign = 'right';
  for (const tick of spaced(durationTicks(frame.yDomain), (tick) => y.toPixel(tick), 18)) {
    const at = Math.round(y.toPixel(tick)) + 0.5;
    canvas.beginPath();
    canvas.moveTo(left, at);
    canvas.lineTo(right, at);
    canvas.stroke();
    canvas.fillText(formatDuration(tick), left - 8, at);
  }
  canvas.textBaseline = 'alphabetic';
  const { ticks, step } = timeTicks(frame.xDomain, Math.max(2, Math.floor((right - left) / 100)));
  for (const tick of ticks) {
    const at = Math.round(x.toPixel(tick)) + 0.5;
    canvas.beginPath();
    canvas.moveTo(at, top);
    canvas.lineTo(at, bottom + 4);
    canvas.stroke();
    canvas.textAlign = at < left + 30 ? 'left' : at > right - 30 ? 'right' : 'center';
    canvas.fillText(timeLabel(tick, step), at, bottom + 16);
  }
}

/** Leaves out ticks that are less than `gap` pixels from the one before. */
function spaced(ticks: readonly number[], pixel: (tick: number) => number, gap: number): number[] {
  const kept: number[] = [];
  let last = Infinity;
  for (const tick of ticks) {
    if (Math.abs(last - pixel(tick)) < gap) continue;
    last = pixel(tick);
    kept.push(tick);
  }
  return kept;
}

function timeLabel(millis: number, step: number): string {
  const clock = formatClock(millis);
  if (clock === '00:00:00.000') return formatDate(millis).slice(5);
  return step < 1e3 ? clock.slice(3) : step < 60e3 ? clock.slice(0, 8) : clock.slice(0, 5);
}
