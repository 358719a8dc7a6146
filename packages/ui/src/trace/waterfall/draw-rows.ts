import { barOf, xOf, type Bar } from './bars.ts';
import { drawGuides } from './draw-guides.ts';
import { severityOf } from '../logs/logs.ts';
import { mark } from '../marks.ts';
import { logOf } from '../rows.ts';
import { rowHeight, timelineLeft, timelineWidth, type Scene, type Sight } from './scene.ts';

const barTop = 6;
const barHeight = 12;
const middle = rowHeight / 2;
/** Events and records closer than this many pixels are drawn as one. */
const tooClose = 2;

/** Vertical lines at the ruler's times. */
export function drawGrid(ctx: CanvasRenderingContext2D, scene: Scene, times: readonly number[]) {
  const { layout, paints, range } = scene;
  const width = timelineWidth(layout);
  ctx.fillStyle = paints.line;
  for (const time of times) {
    ctx.fillRect(timelineLeft(layout) + Math.round(xOf(range, width, time)), 0, 1, layout.height);
  }
}

/** Hot: the guides, bar and marks of one row with its top at `y`; once per row in sight and frame (benchmarks/ui.ts). */
export function drawRow(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  sight: Sight,
  content: number,
  y: number,
) {
  drawGuides(ctx, scene, sight, content, y);
  ctx.save();
  ctx.beginPath();
  ctx.rect(scene.layout.nameWidth, y, scene.layout.width - scene.layout.nameWidth, rowHeight);
  ctx.clip();
  ctx.translate(timelineLeft(scene.layout), y);
  if (scene.matches && content >= 0 && !scene.matches[content]) ctx.globalAlpha = 0.25;
  if (content < 0) drawLogRow(ctx, scene, logOf(content));
  else drawSpanRow(ctx, scene, content);
  ctx.restore();
}

function drawSpanRow(ctx: CanvasRenderingContext2D, scene: Scene, node: number) {
  const { columns, marks } = scene.model;
  const width = timelineWidth(scene.layout);
  const flags = marks.flags[node]!;
  if (flags & mark.late) drawWait(ctx, scene, node);
  const bar = barOf(scene.range, width, columns.start[node]!, columns.duration[node]!);
  if (bar) {
    if (flags & mark.missing) drawMissing(ctx, scene, bar);
    else if (columns.duration[node] === 0) drawInstant(ctx, scene, node, bar);
    else drawBar(ctx, scene, node, bar);
  }
  drawEvents(ctx, scene, node);
  drawLogMarks(ctx, scene, node);
}

function drawBar(ctx: CanvasRenderingContext2D, scene: Scene, node: number, bar: Bar) {
  const { columns, marks } = scene.model;
  ctx.fillStyle = scene.paints.services[columns.service[node]!] ?? scene.paints.dimmed;
  ctx.beginPath();
  ctx.roundRect(bar.x, barTop, bar.width, barHeight, Math.min(2.5, bar.width / 2));
  ctx.fill();
  if (marks.flags[node]! & mark.error) {
    ctx.fillStyle = scene.paints.error;
    ctx.fillRect(bar.x, barTop + barHeight + 1, Math.max(bar.width, 4), 2);
  }
  if (marks.flags[node]! & mark.early) {
    ctx.fillStyle = scene.paints.warn;
    ctx.fillRect(bar.x, barTop - 2, 2, barHeight + 4);
  }
}

/** A span without duration: a diamond, so that it is not taken for a very short bar. */
function drawInstant(ctx: CanvasRenderingContext2D, scene: Scene, node: number, bar: Bar) {
  const { columns, marks } = scene.model;
  ctx.fillStyle = scene.paints.services[columns.service[node]!] ?? scene.paints.dimmed;
  const x = bar.x + bar.width / 2;
  ctx.beginPath();
  ctx.moveTo(x, middle - 6);
  ctx.lineTo(x + 5, middle);
  ctx.lineTo(x, middle + 6);
  ctx.lineTo(x - 5, middle);
  ctx.fill();
  if (!(marks.flags[node]! & mark.error)) return;
  ctx.fillStyle = scene.paints.error;
  ctx.fillRect(x - 4, middle + 7, 8, 2);
}

function drawMissing(ctx: CanvasRenderingContext2D, scene: Scene, bar: Bar) {
  ctx.strokeStyle = scene.paints.dimmed;
  ctx.lineWidth = 1;
  ctx.setLineDash([4, 3]);
  ctx.beginPath();
  ctx.roundRect(bar.x + 0.5, barTop + 0.5, Math.max(bar.width - 1, 2), barHeight - 1, 2.5);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** From the parent's end, across the time in which neither ran, to the span's start. */
function drawWait(ctx: CanvasRenderingContext2D, scene: Scene, node: number) {
  const { columns, tree } = scene.model;
  const width = timelineWidth(scene.layout);
  const above = tree.parent[node]!;
  const from = xOf(scene.range, width, columns.start[above]! + columns.duration[above]!);
  const to = xOf(scene.range, width, columns.start[node]!);
  if (to < 0 || from > width) return;
  const left = Math.max(from, -8);
  const right = Math.min(to, width + 8);
  ctx.strokeStyle = scene.paints.dimmed;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(left, middle + 0.5);
  ctx.lineTo(right, middle + 0.5);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(from, middle + 0.5, 2.5, 0, Math.PI * 2);
  ctx.stroke();
}

function drawEvents(ctx: CanvasRenderingContext2D, scene: Scene, node: number) {
  const { eventAt, eventTime, eventName, names } = scene.model.columns;
  const width = timelineWidth(scene.layout);
  let before = -Infinity;
  for (let event = eventAt[node]!; event < eventAt[node + 1]!; event++) {
    const x = Math.round(xOf(scene.range, width, eventTime[event]!));
    if (x < 0 || x > width) continue;
    const exception = names[eventName[event]!] === 'exception';
    if (x - before < tooClose && !exception) continue;
    before = x;
    ctx.fillStyle = scene.paints.surface;
    ctx.fillRect(x - 2, barTop - 3, 4, barHeight + 6);
    ctx.fillStyle = exception ? scene.paints.error : scene.paints.text;
    ctx.fillRect(x - 1, barTop - 3, 2, barHeight + 6);
  }
}

function drawLogMarks(ctx: CanvasRenderingContext2D, scene: Scene, node: number) {
  const { at, of, time } = scene.model.logs;
  const width = timelineWidth(scene.layout);
  let before = -Infinity;
  for (let entry = at[node]!; entry < at[node + 1]!; entry++) {
    const x = xOf(scene.range, width, time[of[entry]!]!);
    if (x < 0 || x > width || x - before < tooClose) continue;
    before = x;
    drawLogMark(ctx, scene, of[entry]!, x, rowHeight - 4);
  }
}

function drawLogMark(ctx: CanvasRenderingContext2D, scene: Scene, log: number, x: number, y: number) {
  ctx.fillStyle = logPaint(scene, log);
  ctx.strokeStyle = scene.paints.surface;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.arc(x, y, 3, 0, Math.PI * 2);
  ctx.fill();
  ctx.stroke();
}

function logPaint({ model, paints }: Scene, log: number): string {
  const severity = severityOf(model.logs.records[log]!);
  if (severity === 'error' || severity === 'fatal') return paints.error;
  return severity === 'warn' ? paints.warn : paints.dimmed;
}

function drawLogRow(ctx: CanvasRenderingContext2D, scene: Scene, log: number) {
  const width = timelineWidth(scene.layout);
  const x = xOf(scene.range, width, scene.model.logs.time[log]!);
  drawLogMark(ctx, scene, log, Math.min(Math.max(x, -6), width + 6), middle);
}
