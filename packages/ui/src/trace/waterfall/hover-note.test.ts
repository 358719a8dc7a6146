import { describe, expect, it } from 'vitest';
import { xOf } from './bars.ts';
import { hoverNote } from './hover-note.ts';
import { nameOf, traceModel } from '../model.ts';
import { visibleRows } from '../rows.ts';
import { timelineWidth, type Scene } from './scene.ts';
import { logAt, timelineFromText } from '../testing.ts';

const timeline = timelineFromText(`
0-10000 shop root @5000 @5200
  3000-4000 shop short
    6000-8000 mail late
    1000-1800 mail early`);
timeline.logs.push(logAt(8500, 1, 'a record'));
const model = traceModel(timeline);
const folded = new Uint8Array(model.tree.size);
const scene: Scene = {
  model,
  folded,
  rows: visibleRows(model.tree, folded),
  range: model.whole,
  layout: { width: 1320, height: 400, nameWidth: 300 },
  paints: { services: [], line: '', guide: '', text: '', dimmed: '', error: '', warn: '', surface: '' },
  matches: undefined,
  selected: -1,
};

/** What is told at this microsecond of the row. */
function note(name: string, micros: number): string | undefined {
  const node = [...model.tree.order].find((each) => nameOf(model, each) === name) ?? -1;
  return hoverNote(scene, node, xOf(scene.range, timelineWidth(scene.layout), micros * 1000));
}

describe('hoverNote', () => {
  it('names the nearest event within reach', () => {
    expect(note('root', 5020)).toBe('event\nEvent 5 ms into the span');
    expect(note('root', 5180)).toBe('event\nEvent 5.2 ms into the span');
  });
  it('quotes a log record', () => expect(note('root', 8500)).toBe('a record\nLog record at 8.5 ms'));
  it('explains the time between the end of a parent and the start of its child', () =>
    expect(note('late', 5000)).toBe('Starts 2 ms after its parent has ended'));
  it('explains a start before that of the parent', () =>
    expect(note('early', 1500)).toContain('Starts 2 ms before its parent'));
  it('says nothing elsewhere', () => {
    expect(note('root', 7000)).toBeUndefined();
    expect(note('late', 7000)).toBeUndefined();
  });
});
