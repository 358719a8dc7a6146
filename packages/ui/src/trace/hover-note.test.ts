import { describe, expect, it } from 'vitest';
import { xOf } from './bars.ts';
import { hoverNote } from './hover-note.ts';
import { nameOf, traceModel } from './model.ts';
import { visibleRows } from './rows.ts';
import { timelineWidth, type Scene } from './scene.ts';
import { logAt, timelineFromText } from './testing.ts';

const timeline = timelineFromText(`
0-100 shop root @50 @52
  10-20 shop short
    60-80 mail late
    5-9 mail early`);
timeline.logs.push(logAt(30, 1, 'a record'));
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
    expect(note('root', 50.2)).toBe('event\nEvent 50 µs into the span');
    expect(note('root', 51.8)).toBe('event\nEvent 52 µs into the span');
  });
  it('quotes a log record', () => expect(note('root', 30)).toBe('a record\nLog record at 30 µs'));
  it('explains the time between the end of a parent and the start of its child', () =>
    expect(note('late', 40)).toBe('Starts 40 µs after its parent has ended'));
  it('explains a start before that of the parent', () =>
    expect(note('early', 6)).toContain('Starts 5 µs before its parent'));
  it('says nothing elsewhere', () => {
    expect(note('root', 70)).toBeUndefined();
    expect(note('late', 70)).toBeUndefined();
  });
});
