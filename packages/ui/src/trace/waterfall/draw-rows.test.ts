import { describe, expect, it } from 'vitest';
import { drawRow } from './draw-rows.ts';
import { nameOf, traceModel } from '../model.ts';
import { visibleRows } from '../rows.ts';
import type { Scene, Sight } from './scene.ts';
import { logAt, timelineFromText } from '../testing.ts';

const timeline = timelineFromText(`
0-10000 a root @5000
  3000-4000 b short
    6000-8000 b late
    1000-1800 b early
  5000-5000 b instant
  5500-6500 b failed !
?ab 7000-8000 a orphan`);
timeline.logs.push(logAt(2000, 1, 'a record', 17));
const model = traceModel(timeline);
const folded = new Uint8Array(model.tree.size);
/** 1000 pixels for 10 ms: a pixel is 10 microseconds. */
const scene: Scene = {
  model,
  folded,
  rows: visibleRows(model.tree, folded),
  range: model.whole,
  layout: { width: 1220, height: 400, nameWidth: 200 },
  paints: { services: ['A', 'B'], line: 'line', guide: 'guide', text: 'text', dimmed: 'dim', error: 'error', warn: 'warn', surface: 'surface' },
  matches: undefined,
  selected: -1,
}; // prettier-ignore
const sight: Sight = { scrollTop: 0, first: 0, last: 9, indent: { base: 0, step: 14 }, deep: false };

/** Canvas calls as text: what is drawn in which paint, times in pixels from the left of the timeline. */
function drawn(name: string, over: Partial<Scene> = {}): string[] {
  const calls: string[] = [];
  const round = (values: number[]) => values.map(Math.round).join(' ');
  let shape = '';
  const ctx = {
    fillStyle: '',
    strokeStyle: '',
    globalAlpha: 1,
    fillRect: (...box: number[]) => calls.push(`${ctx.fillStyle} rect ${round(box)}`),
    roundRect: (...box: number[]) => (shape = `bar ${round(box.slice(0, 3))}`),
    arc: (...circle: number[]) => (shape = `dot ${round(circle.slice(0, 1))}`),
    moveTo: (x: number) => (shape = `from ${round([x])}`),
    lineTo: (x: number) => (shape += ` to ${round([x])}`),
    fill: () => calls.push(`${ctx.fillStyle} ${shape}${ctx.globalAlpha < 1 ? ' faint' : ''}`),
    stroke: () => shape.startsWith('dot') || calls.push(`${ctx.strokeStyle} line ${shape}`),
    save: () => undefined,
    restore: () => undefined,
    beginPath: () => undefined,
    rect: () => undefined,
    clip: () => undefined,
    translate: () => undefined,
    setLineDash: () => undefined,
  };
  const node = [...model.tree.order].find((each) => nameOf(model, each) === name)!;
  drawRow(ctx as unknown as CanvasRenderingContext2D, { ...scene, ...over }, sight, node, 0);
  return calls.filter((call) => !call.startsWith('guide') && !call.startsWith('surface'));
}

describe('drawRow', () => {
  it('draws a bar in the colour of its service, events and log records at their times', () =>
    expect(drawn('root')).toEqual(['A bar 0 6 1000', 'text rect 499 3 2 18', 'error dot 200']));

  it('joins a span that starts after its parent has ended to that end', () =>
    expect(drawn('late')).toEqual(['dim line from 400 to 600', 'B bar 600 6 200']));

  it('leaves a span that starts before its parent where it is, and marks its start', () =>
    expect(drawn('early')).toEqual(['B bar 100 6 80', 'warn rect 100 4 2 16']));

  it('draws a span without duration as a diamond', () =>
    expect(drawn('instant')).toEqual(['B from 501 to 506 to 501 to 496']));

  it('underlines errors', () =>
    expect(drawn('failed')).toEqual(['B bar 550 6 100', 'error rect 550 19 100 2']));

  it('outlines the time of the children of a span that is not stored', () =>
    expect(drawn('Missing span')).toEqual(['dim line bar 701 7 99']));

  it('makes spans faint that the find text is not in', () =>
    expect(drawn('short', { matches: new Uint8Array(model.tree.size) })).toEqual(['B bar 300 6 100 faint']));
});
