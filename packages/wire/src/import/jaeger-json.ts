import {
  InvalidData,
  unixNanos,
  type AttributeValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  type TraceId,
} from '@throughline/model';
import type { Complain } from './complain.ts';
import { scopeFrom } from './scope.ts';
import { idAt, integerOf, listAt, microsAt, objectAt, textAt, wrong, type JsonObject } from './values.ts';

/**
 * The spans of one trace in Jaeger's JSON, as its UI saves it and its query API answers: `{traceID, spans, processes}`.
 * `place` is where the trace stands in the document. A span that cannot be read is left out and complained about.
 *
 * Sources: Jaeger, `model/json` (the format) and the specification of OpenTelemetry, "Trace SDK, Jaeger"; tags that the
 * OpenTelemetry exporters wrote become again what they were: kind, status, scope, trace state, names of events.
 */
export function* spansFromJaeger(trace: unknown, place: string, complain: Complain): Generator<Span> {
  const { traceID, spans, processes } = objectAt(trace, place || 'document');
  const at = (name: string) => (place === '' ? name : `${place}.${name}`);
  const resources = new Map<string, Resource>();
  const scopes = new Map<string, Scope>();
  const known = objectAt(processes ?? {}, at('processes'));
  const resourceOf = (span: JsonObject, here: string): Resource => {
    const id = textAt(span['processID'], `${here}.processID`);
    const own = span['process'] ?? (Object.hasOwn(known, id) ? known[id] : undefined);
    const key = span['process'] ? JSON.stringify(own) : id;
    let resource = resources.get(key);
    if (!resource) {
      const where = span['process'] ? `${here}.process` : `${at('processes')}.${id}`;
      resource = own === undefined ? noResource : resourceFrom(objectAt(own, where), where);
      resources.set(key, resource);
    }
    return resource;
  };
  for (const [n, value] of listAt(spans, at('spans')).entries()) {
    const here = `${at('spans')}[${n}]`;
    try {
      const span = objectAt(value, here);
      yield spanFrom(span, traceID, resourceOf(span, here), scopes, here);
    } catch (error) {
      if (!(error instanceof InvalidData)) throw error;
      complain(error);
    }
  }
}

const noResource: Resource = { attributes: {}, schemaUrl: '', droppedAttributes: 0 };

function resourceFrom(process: JsonObject, place: string): Resource {
  const tags = tagsAt(process['tags'], `${place}.tags`);
  const name = textAt(process['serviceName'], `${place}.serviceName`);
  // Jaeger's own clients named the host so.
  const host = tags.get('hostname');
  if (host !== undefined && !tags.has('host.name')) {
    tags.delete('hostname');
    tags.set('host.name', host);
  }
  const service = name === '' ? [] : [['service.name', name] as const];
  return { attributes: Object.fromEntries([...service, ...tags]), schemaUrl: '', droppedAttributes: 0 };
}

function spanFrom(
  span: JsonObject,
  ofTrace: unknown,
  resource: Resource,
  scopes: Map<string, Scope>,
  place: string,
): Span {
  const traceId = idAt(span['traceID'] ?? ofTrace, 32, `${place}.traceID`) as TraceId | undefined;
  if (!traceId) throw wrong(`${place}.traceID`, 'an id that is not zero', span['traceID'] ?? ofTrace);
  const spanId = idAt(span['spanID'], 16, `${place}.spanID`) as SpanId | undefined;
  if (!spanId) throw wrong(`${place}.spanID`, 'an id that is not zero', span['spanID']);
  const start = microsAt(span['startTime'], `${place}.startTime`);
  if (start === undefined) throw wrong(`${place}.startTime`, 'microseconds', undefined);
  const tags = tagsAt(span['tags'], `${place}.tags`);
  const references = listAt(span['references'], `${place}.references`).map((value, n) =>
    referenceAt(value, traceId, `${place}.references[${n}]`),
  );
  const ofParent = parentAmong(references, traceId);
  const parent =
    ofParent?.spanId ?? (idAt(span['parentSpanID'], 16, `${place}.parentSpanID`) as SpanId | undefined);
  const links = references.filter((each) => each !== ofParent && each.spanId !== undefined);
  const flags = integerOf(span['flags'] ?? 0) ?? 0n;
  const warnings = listAt(span['warnings'], `${place}.warnings`).map((each) =>
    typeof each === 'string' ? each : JSON.stringify(each),
  );
  const taken = takeMeaning(tags);
  if (warnings.length > 0) tags.set('jaeger.warnings', warnings);
  return {
    traceId,
    spanId,
    parentSpanId: parent,
    traceState: taken.traceState,
    flags: Number(flags & 1n),
    name: textAt(span['operationName'], `${place}.operationName`),
    kind: taken.kind,
    start: unixNanos(start),
    duration: Number(microsAt(span['duration'], `${place}.duration`) ?? 0n),
    status: taken.status,
    statusMessage: taken.statusMessage,
    attributes: Object.fromEntries(tags),
    events: listAt(span['logs'], `${place}.logs`).map((log, n) => eventAt(log, `${place}.logs[${n}]`)),
    links: links.map(linkFrom),
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    resource,
    scope: scopeFrom(taken.scopeName, taken.scopeVersion, scopes),
  };
}

interface Reference {
  readonly type: string;
  readonly traceId: TraceId;
  readonly spanId: SpanId | undefined;
}

function referenceAt(value: unknown, ofTrace: TraceId, place: string): Reference {
  const { refType, traceID, spanID } = objectAt(value, place);
  return {
    type: textAt(refType, `${place}.refType`),
    traceId: (idAt(traceID, 32, `${place}.traceID`) as TraceId | undefined) ?? ofTrace,
    spanId: idAt(spanID, 16, `${place}.spanID`) as SpanId | undefined,
  };
}

/** As in Jaeger: the first CHILD_OF in the same trace, else the first FOLLOWS_FROM in it. */
function parentAmong(references: readonly Reference[], traceId: TraceId): Reference | undefined {
  const here = references.filter((each) => each.traceId === traceId && each.spanId !== undefined);
  return here.find(({ type }) => type === 'CHILD_OF') ?? here.find(({ type }) => type === 'FOLLOWS_FROM');
}

function linkFrom({ type, traceId, spanId }: Reference): SpanLink {
  const named = { CHILD_OF: 'child_of', FOLLOWS_FROM: 'follows_from' }[type];
  return {
    traceId,
    spanId: spanId!,
    traceState: '',
    attributes: named === undefined ? {} : { 'opentracing.ref_type': named },
    droppedAttributes: 0,
    flags: 0,
  };
}

function eventAt(value: unknown, place: string): SpanEvent {
  const { timestamp, fields } = objectAt(value, place);
  const attributes = tagsAt(fields, `${place}.fields`);
  const named = attributes.get('event');
  const message = attributes.get('message');
  if (typeof named === 'string') attributes.delete('event');
  return {
    time: unixNanos(microsAt(timestamp, `${place}.timestamp`) ?? 0n),
    name: typeof named === 'string' ? named : typeof message === 'string' ? message : 'log',
    attributes: Object.fromEntries(attributes),
    droppedAttributes: 0,
  };
}

/** Tags that are fields in OTLP are taken out of the attributes. */
function takeMeaning(tags: Map<string, AttributeValue>) {
  const take = (key: string): string => {
    const value = tags.get(key);
    if (typeof value !== 'string') return '';
    tags.delete(key);
    return value;
  };
  const kind = kinds[lower(tags.get('span.kind'))];
  if (kind) tags.delete('span.kind');
  const code = take('otel.status_code').toUpperCase();
  const failed = tags.get('error');
  const isError = failed === true || failed === 'true';
  if (isError || failed === false || failed === 'false') tags.delete('error');
  const status: StatusCode =
    code === 'ERROR' || (isError && code !== 'OK') ? 'error' : code === 'OK' ? 'ok' : 'unset';
  const [name, version] = [take('otel.scope.name'), take('otel.scope.version')];
  const [oldName, oldVersion] = [take('otel.library.name'), take('otel.library.version')];
  return {
    kind: kind ?? ('unspecified' as const),
    status,
    statusMessage: take('otel.status_description'),
    traceState: take('w3c.tracestate'),
    scopeName: name || oldName,
    scopeVersion: version || oldVersion,
  };
}

const kinds: Readonly<Record<string, SpanKind>> = {
  client: 'client',
  server: 'server',
  producer: 'producer',
  consumer: 'consumer',
  internal: 'internal',
};

/** The first value of a key that is repeated stays under its name; the others follow as `key.2`, … */
function tagsAt(value: unknown, place: string): Map<string, AttributeValue> {
  const tags = new Map<string, AttributeValue>();
  listAt(value, place).forEach((each, n) => {
    const here = `${place}[${n}]`;
    const tag = objectAt(each, here);
    const key = textAt(tag['key'], `${here}.key`);
    let name = key;
    for (let count = 2; tags.has(name); count++) name = `${key}.${count}`;
    tags.set(name, tagValue(tag, here));
  });
  return tags;
}

function tagValue({ type, value }: JsonObject, place: string): AttributeValue {
  const here = `${place}.value`;
  switch (lower(type)) {
    case 'bool':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      throw wrong(here, 'true or false', value);
    case 'int64': {
      const whole = integerOf(value);
      if (whole === undefined || BigInt.asIntN(64, whole) !== whole)
        throw wrong(here, 'a 64-bit integer', value);
      return whole;
    }
    case 'float64': {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      if (typeof number !== 'number' || (Number.isNaN(number) && value !== 'NaN'))
        throw wrong(here, 'a number', value);
      return number;
    }
    case 'binary':
      if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
        return new Uint8Array(Buffer.from(value, 'base64'));
      throw wrong(here, 'base64', value);
    default:
      return plainValue(value, here);
  }
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** A value whose type is not said, or a text. */
function plainValue(value: unknown, place: string): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || value === undefined) return '';
  try {
    return JSON.stringify(value);
  } catch {
    throw wrong(place, 'a value', value);
  }
}
