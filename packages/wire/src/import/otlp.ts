import { InvalidData } from '@throughline/model';
import type { Signal } from '../batch.ts';
import { fromParsedJson } from '../from-json.ts';
import { isObject, wrong, type JsonObject } from './values.ts';
import type { Complain } from './complain.ts';
import { logsData, tracesData } from '../schema.ts';

/** A piece of a document as OTLP bytes, not yet checked for valid ids. */
export interface Piece {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  /** Where it stands in the document. */
  readonly place: string;
}

/** So many spans or records are turned into bytes at once. */
const itemsAtOnce = 2_000;

const shapes = {
  traces: {
    message: tracesData,
    groups: ['resourceSpans', 'resource_spans'],
    scopes: ['scopeSpans', 'scope_spans'],
    items: ['spans'],
  },
  logs: {
    message: logsData,
    groups: ['resourceLogs', 'resource_logs'],
    scopes: ['scopeLogs', 'scope_logs'],
    items: ['logRecords', 'log_records'],
  },
} as const;

/** Of OTLP, but of no use here: how much of it there is. */
export const unusedOtlp = ['resourceMetrics', 'resource_metrics', 'resourceProfiles', 'resource_profiles'];

/** Whether the document is an Export…ServiceRequest of some signal; one with nothing in it is `{}`. */
export function isOtlp(document: unknown): document is JsonObject {
  return (
    isObject(document) &&
    (Object.keys(document).length === 0 ||
      [...shapes.traces.groups, ...shapes.logs.groups, ...unusedOtlp].some((key) => key in document))
  );
}

/**
 * The pieces of an OTLP/JSON document. What is wrong costs the span or the record that it stands in, or the group, and
 * is complained about. `place` is where the document stands.
 */
export function* otlpPieces(document: JsonObject, place: string, complain: Complain): Generator<Piece> {
  for (const signal of ['traces', 'logs'] as const) {
    const shape = shapes[signal];
    for (const key of shape.groups) {
      const groups = document[key];
      if (groups === undefined || groups === null) continue;
      const at = place === '' ? key : `${place}.${key}`;
      if (!Array.isArray(groups)) complain(wrong(at, 'an array', groups));
      else
        for (const [n, group] of (groups as unknown[]).entries())
          yield* groupPieces(signal, key, group, `${at}[${n}]`, complain);
    }
  }
}

/** The pieces of one element of resourceSpans or resourceLogs. */
function* groupPieces(
  signal: Signal,
  key: string,
  group: unknown,
  place: string,
  complain: Complain,
): Generator<Piece> {
  for (const part of partsOf(signal, group)) {
    const whole = converted(signal, key, part.group);
    if (whole.bytes) {
      yield { signal, bytes: whole.bytes, place };
      continue;
    }
    // Something in it is wrong: item by item then, so that it costs that one alone.
    const around = converted(signal, key, part.withItems([]));
    if (around.error) {
      complain(placed(around.error, key, place, part));
      continue;
    }
    const kept = part.items.filter((item, n) => {
      const one = converted(signal, key, part.withItems([item]));
      if (one.bytes) return true;
      complain(placed(one.error, key, place, { ...part, offset: part.offset + n }));
      return false;
    });
    const rest = kept.length === 0 ? undefined : converted(signal, key, part.withItems(kept)).bytes;
    if (rest) yield { signal, bytes: rest, place };
  }
}

interface Part {
  readonly group: unknown;
  readonly items: readonly unknown[];
  /** Which scope of the group it is, and which of its items come first. */
  readonly scope: number;
  readonly offset: number;
  withItems(items: readonly unknown[]): unknown;
}

/** The group cut into parts of one scope and some items each; whole, where its shape is not that of a group. */
function* partsOf(signal: Signal, group: unknown): Generator<Part> {
  const { scopes: scopeKeys, items: itemKeys } = shapes[signal];
  const scopesKey = isObject(group) ? scopeKeys.find((key) => Array.isArray(group[key])) : undefined;
  const scopes = scopesKey && ((group as JsonObject)[scopesKey] as readonly unknown[]);
  if (!scopes) {
    yield { group, items: [], scope: 0, offset: 0, withItems: () => group };
    return;
  }
  for (const [scope, each] of scopes.entries()) {
    const itemsKey = isObject(each) ? itemKeys.find((key) => Array.isArray(each[key])) : undefined;
    const all = itemsKey ? ((each as JsonObject)[itemsKey] as readonly unknown[]) : [];
    const withItems = (items: readonly unknown[]) => ({
      ...(group as JsonObject),
      [scopesKey]: [itemsKey ? { ...(each as JsonObject), [itemsKey]: items } : each],
    });
    for (let offset = 0; offset === 0 || offset < all.length; offset += itemsAtOnce) {
      const items = all.slice(offset, offset + itemsAtOnce);
      yield { group: withItems(items), items, scope, offset, withItems };
    }
  }
}

type Converted =
  | { readonly bytes: Uint8Array; readonly error?: undefined }
  | { readonly bytes?: undefined; readonly error: InvalidData };

function converted(signal: Signal, key: string, group: unknown): Converted {
  try {
    return { bytes: fromParsedJson({ [key]: [group] }, shapes[signal].message) };
  } catch (error) {
    if (error instanceof InvalidData) return { error };
    throw error;
  }
}

/** The error with the place in the document in place of the one in the part. */
function placed(
  error: InvalidData,
  key: string,
  place: string,
  { scope, offset }: Pick<Part, 'scope' | 'offset'>,
): InvalidData {
  const [, scopeKey, itemKey, rest] =
    /^(?:\.(scope\w+)\[0\])?(?:\.(\w+)\[0\])?([^]*)$/.exec(error.message.slice(`${key}[0]`.length)) ?? [];
  const inScope = scopeKey ? `.${scopeKey}[${scope}]` : '';
  const inItem = itemKey ? `.${itemKey}[${offset}]` : '';
  return new InvalidData(`${place}${inScope}${inItem}${rest}`);
}
