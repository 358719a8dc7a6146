import {
  InvalidData,
  spanKinds,
  statusCodes,
  unixNanos,
  type Attributes,
  type AttributeValue,
  type LogRecord,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type TraceId,
  type UnixNanos,
} from '@throughline/model';
import { idAt, integerOf, isObject, listAt, objectAt, textAt, wrong, type JsonObject } from './values.ts';
import type { Complain } from './complain.ts';

/** Whether the document is a trace as this program's own API and web app give it. */
export function isThroughlineTrace(document: JsonObject): boolean {
  const { summary, spans } = document;
  return (
    isObject(summary) && Array.isArray(spans) && spans.every((span) => isObject(span) && 'span_id' in span)
  );
}

/**
 * The spans and log records of a trace as `GET /throughline/v1/traces/{trace_id}` answers it. Whole numbers within
 * arrays and maps read as ints, as their types are not told.
 */
export function itemsOfThroughline(
  trace: JsonObject,
  place: string,
  complain: Complain,
): { spans: Span[]; logs: LogRecord[] } {
  const at = (name: string) => (place === '' ? name : `${place}.${name}`);
  const resources = new Shared((value, here) => resourceAt(value, here));
  const scopes = new Shared((value, here): Scope => {
    const scope = objectAt(value, here);
    return {
      name: textAt(scope['name'], `${here}.name`),
      version: textAt(scope['version'], `${here}.version`),
      ...resourceAt(scope, here),
    };
  });
  const each = <T>(name: string, read: (item: JsonObject, here: string) => T): T[] =>
    listAt(trace[name], at(name)).flatMap((value, n) => {
      const here = `${at(name)}[${n}]`;
      try {
        return [read(objectAt(value, here), here)];
      } catch (error) {
        if (!(error instanceof InvalidData)) throw error;
        complain(error);
        return [];
      }
    });
  const sourceOf = (item: JsonObject, here: string) => ({
    resource: resources.at(item['resource'], `${here}.resource`),
    scope: scopes.at(item['scope'], `${here}.scope`),
  });
  return {
    spans: each('spans', (span, here) => ({ ...spanAt(span, here), ...sourceOf(span, here) })),
    logs: each('logs', (log, here) => ({ ...logAt(log, here), ...sourceOf(log, here) })),
  };
}

/** Equal values are read once and become one object, which is what groups spans. */
class Shared<T> {
  readonly #read: (value: unknown, place: string) => T;
  readonly #known = new Map<string, T>();

  constructor(read: (value: unknown, place: string) => T) {
    this.#read = read;
  }

  at(value: unknown, place: string): T {
    const key = JSON.stringify(value ?? {});
    const known = this.#known.get(key);
    if (known) return known;
    const read = this.#read(value ?? {}, place);
    this.#known.set(key, read);
    return read;
  }
}

function spanAt(span: JsonObject, here: string): Omit<Span, 'resource' | 'scope'> {
  const duration = span['duration'] ?? 0;
  if (typeof duration !== 'number' || !(Math.abs(duration) < 2 ** 62))
    throw wrong(`${here}.duration`, 'nanoseconds', duration);
  return {
    ...idsAt(span, here),
    parentSpanId: idAt(span['parent_span_id'], 16, `${here}.parent_span_id`) as SpanId | undefined,
    traceState: textAt(span['trace_state'], `${here}.trace_state`),
    flags: countAt(span['flags'], `${here}.flags`),
    name: textAt(span['name'], `${here}.name`),
    kind: spanKinds.find((kind) => kind === span['kind']) ?? 'unspecified',
    start: timeAt(span['start'], `${here}.start`),
    duration,
    status: statusCodes.find((code) => code === span['status']) ?? 'unset',
    statusMessage: textAt(span['status_message'], `${here}.status_message`),
    attributes: attributesAt(span['attributes'], `${here}.attributes`),
    events: listAt(span['events'], `${here}.events`).map((value, n) => {
      const place = `${here}.events[${n}]`;
      const event = objectAt(value, place);
      return {
        time: timeAt(event['time'], `${place}.time`),
        name: textAt(event['name'], `${place}.name`),
        attributes: attributesAt(event['attributes'], `${place}.attributes`),
        droppedAttributes: countAt(event['dropped_attributes'], `${place}.dropped_attributes`),
      };
    }),
    links: listAt(span['links'], `${here}.links`).map((value, n) => {
      const place = `${here}.links[${n}]`;
      const link = objectAt(value, place);
      return {
        ...idsAt(link, place),
        traceState: textAt(link['trace_state'], `${place}.trace_state`),
        attributes: attributesAt(link['attributes'], `${place}.attributes`),
        droppedAttributes: countAt(link['dropped_attributes'], `${place}.dropped_attributes`),
        flags: 0,
      };
    }),
    droppedAttributes: countAt(span['dropped_attributes'], `${here}.dropped_attributes`),
    droppedEvents: countAt(span['dropped_events'], `${here}.dropped_events`),
    droppedLinks: countAt(span['dropped_links'], `${here}.dropped_links`),
  };
}

function logAt(log: JsonObject, here: string): Omit<LogRecord, 'resource' | 'scope'> {
  return {
    time: timeAt(log['time'], `${here}.time`),
    observedTime: timeAt(log['observed_time'] ?? '0', `${here}.observed_time`),
    traceId: idAt(log['trace_id'], 32, `${here}.trace_id`) as TraceId | undefined,
    spanId: idAt(log['span_id'], 16, `${here}.span_id`) as SpanId | undefined,
    flags: 0,
    severity: countAt(log['severity'], `${here}.severity`),
    severityText: textAt(log['severity_text'], `${here}.severity_text`),
    eventName: textAt(log['event_name'], `${here}.event_name`),
    body: valueAt(log['body_type'], log['body'], `${here}.body`),
    attributes: attributesAt(log['attributes'], `${here}.attributes`),
    droppedAttributes: 0,
  };
}

function resourceAt(value: unknown, place: string): Resource {
  const { attributes, schema_url, dropped_attributes } = objectAt(value, place);
  return {
    attributes: attributesAt(attributes, `${place}.attributes`),
    schemaUrl: textAt(schema_url, `${place}.schema_url`),
    droppedAttributes: countAt(dropped_attributes, `${place}.dropped_attributes`),
  };
}

function idsAt(value: JsonObject, place: string): { traceId: TraceId; spanId: SpanId } {
  const traceId = idAt(value['trace_id'], 32, `${place}.trace_id`) as TraceId | undefined;
  if (!traceId) throw wrong(`${place}.trace_id`, 'an id that is not zero', value['trace_id']);
  const spanId = idAt(value['span_id'], 16, `${place}.span_id`) as SpanId | undefined;
  if (!spanId) throw wrong(`${place}.span_id`, 'an id that is not zero', value['span_id']);
  return { traceId, spanId };
}

function timeAt(value: unknown, place: string): UnixNanos {
  const nanos = integerOf(value);
  if (nanos === undefined || nanos < 0n || nanos >= 2n ** 63n)
    throw wrong(place, 'nanoseconds since 1970', value);
  return unixNanos(nanos);
}

function countAt(value: unknown, place: string): number {
  const count = Number(integerOf(value ?? 0));
  if (!(count >= 0 && count < 2 ** 32)) throw wrong(place, 'a whole number', value);
  return count;
}

function attributesAt(value: unknown, place: string): Attributes {
  return Object.fromEntries(
    listAt(value, place).map((each, n) => {
      const here = `${place}[${n}]`;
      const attribute = objectAt(each, here);
      return [
        textAt(attribute['key'], `${here}.key`),
        valueAt(attribute['type'], attribute['value'], `${here}.value`),
      ];
    }),
  );
}

function valueAt(type: unknown, value: unknown, place: string): AttributeValue {
  switch (type) {
    case 'int': {
      const whole = integerOf(value);
      if (whole === undefined || BigInt.asIntN(64, whole) !== whole)
        throw wrong(place, 'a 64-bit integer', value);
      return whole;
    }
    case 'double': {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      if (typeof number !== 'number' || (Number.isNaN(number) && value !== 'NaN'))
        throw wrong(place, 'a number', value);
      return number;
    }
    case 'bytes':
      if (typeof value !== 'string') throw wrong(place, 'base64', value);
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'empty':
      return null;
    default:
      return untyped(value);
  }
}

function untyped(value: unknown): AttributeValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(untyped);
  if (!isObject(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, untyped(inner)]));
}
