import { defaultRange, parseLast, type TimeRange } from '../search/time-range.ts';
import type { UrlSearch } from '../shell/url-search.ts';

/** Everything a link to a map restores, as the address has it. */
export interface MapState {
  /** Id of the node around which the map is drawn; without one, all of it. */
  readonly focus?: string | undefined;
  /** Id of the selected node or, with `to`, of the node where the selected edge begins. */
  readonly node?: string | undefined;
  readonly to?: string | undefined;
  readonly find?: string | undefined;
  /** `15m`, or `start` and `end` as ISO times. Default: `1h`. */
  readonly last?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** Only without fixed times. */
  readonly live?: 'on' | undefined;
}

/** Takes what it understands out of an address; the rest is as if it were not there. */
export function parseMapState(raw: UrlSearch): MapState {
  const fixed = isTime(one(raw.start)) && isTime(one(raw.end));
  const last = one(raw.last);
  const node = one(raw.node);
  const state: MapState = {
    focus: one(raw.focus),
    node,
    to: node === undefined ? undefined : one(raw.to),
    find: one(raw.find),
    last: !fixed && last && parseLast(last) ? last : undefined,
    start: fixed ? one(raw.start) : undefined,
    end: fixed ? one(raw.end) : undefined,
    live: !fixed && raw.live === 'on' ? 'on' : undefined,
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

export function mapRangeOf(state: MapState): TimeRange {
  if (state.start && state.end)
    return { kind: 'fixed', start: Date.parse(state.start), end: Date.parse(state.end) };
  return (state.last && parseLast(state.last)) || defaultRange;
}

/** The times of the state, which a link to another view takes along. */
export function timesOf({ last, start, end }: MapState): Pick<MapState, 'last' | 'start' | 'end'> {
  return { last, start, end };
}

function one(value: UrlSearch[string]): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}

function isTime(text: string | undefined): boolean {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}
