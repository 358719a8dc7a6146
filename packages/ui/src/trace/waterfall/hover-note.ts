import { formatDuration } from '../../design/format-duration.ts';
import { timeAt, xOf } from './bars.ts';
import { logText } from '../logs/logs.ts';
import { mark } from '../marks.ts';
import { logOf } from '../rows.ts';
import { timelineWidth, type Scene } from './scene.ts';

/** How near, in pixels, the pointer must be. */
const reach = 5;

/** What stands under the pointer `x` pixels into the timeline of a row: an event, a log record or a wait. */
export function hoverNote(scene: Scene, content: number, x: number): string | undefined {
  if (content < 0) return logNote(scene, logOf(content));
  return eventNote(scene, content, x) ?? nearLogNote(scene, content, x) ?? relationNote(scene, content, x);
}

function nearest(
  scene: Scene,
  from: number,
  to: number,
  timeOf: (entry: number) => number,
  x: number,
): number {
  const width = timelineWidth(scene.layout);
  let best = -1;
  let distance = reach;
  for (let entry = from; entry < to; entry++) {
    const away = Math.abs(xOf(scene.range, width, timeOf(entry)) - x);
    if (away > distance) continue;
    best = entry;
    distance = away;
  }
  return best;
}

function eventNote(scene: Scene, node: number, x: number): string | undefined {
  const { eventAt, eventTime, eventName, names, start } = scene.model.columns;
  const event = nearest(scene, eventAt[node]!, eventAt[node + 1]!, (entry) => eventTime[entry]!, x);
  if (event < 0) return undefined;
  const into = eventTime[event]! - start[node]!;
  const place = `${formatDuration(Math.abs(into))} ${into < 0 ? 'before' : 'into'} the span`;
  return `${names[eventName[event]!] ?? 'event'}\nEvent ${place}`;
}

function nearLogNote(scene: Scene, node: number, x: number): string | undefined {
  const { at, of, time } = scene.model.logs;
  const entry = nearest(scene, at[node]!, at[node + 1]!, (each) => time[of[each]!]!, x);
  return entry < 0 ? undefined : logNote(scene, of[entry]!);
}

function logNote(scene: Scene, log: number): string {
  const { records, time } = scene.model.logs;
  const text = logText(records[log]!);
  return `${text.length > 300 ? `${text.slice(0, 300)}…` : text}\nLog record at ${formatDuration(time[log]!)}`;
}

function relationNote(scene: Scene, node: number, x: number): string | undefined {
  const { columns, tree, marks } = scene.model;
  const flags = marks.flags[node]!;
  const above = tree.parent[node]!;
  if (above < 0) return undefined;
  const time = timeAt(scene.range, timelineWidth(scene.layout), x);
  const parentEnd = columns.start[above]! + columns.duration[above]!;
  if (flags & mark.late && time >= parentEnd && time <= columns.start[node]!) {
    return `Starts ${formatDuration(columns.start[node]! - parentEnd)} after its parent has ended`;
  }
  if (flags & mark.early && time <= columns.start[above]!) {
    return `Starts ${formatDuration(columns.start[above]! - columns.start[node]!)} before its parent:\nthe clocks differ; it is drawn as it was reported`;
  }
  return undefined;
}
