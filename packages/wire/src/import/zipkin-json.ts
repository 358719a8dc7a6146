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
  type StatusCode,
  type TraceId,
} from '@throughline/model';
import type { Complain } from './complain.ts';
import { scopeFrom } from './scope.ts';
import { idAt, integerOf, listAt, microsAt, objectAt, textAt, wrong, type JsonObject } from './values.ts';
import type { Draft } from './zipkin-draft.ts';
import { apartFromClients } from './zipkin-shared.ts';
import { fromVersion1, isVersion1 } from './zipkin-version-1.ts';

/**
 * The spans of a list in Zipkin's JSON, version 2 or 1: `[{traceId, id, …}, …]`. `place` is where the list stands in
 * the document. A span that cannot be read is left out and complained about.
 *
 * Sources: Zipkin's API description, `zipkin2-api.yaml` (the format), and the specification of OpenTelemetry,
 * "OpenTelemetry to Zipkin Transformation", read backwards. A server's span that shares the id of its client's gets
 * one of its own, as every span of OTLP has.
 */
export function spansFromZipkin(list: readonly unknown[], place: string, complain: Complain): Span[] {
  const resources = new Map<string, Resource>();
  const scopes = new Map<string, Scope>();
  const drafts = list.flatMap((value, n): Draft[] => {
    const here = `${place}[${n}]`;
    try {
      const span = objectAt(value, here);
      const halves = isVersion1(span) ? fromVersion1(span, here) : [span];
      return halves.map((half) => draftFrom(half, resources, scopes, here));
    } catch (error) {
      if (!(error instanceof InvalidData)) throw error;
      complain(error);
      return [];
    }
  });
  return timed(apartFromClients(drafts), complain);
}

function draftFrom(
  span: JsonObject,
  resources: Map<string, Resource>,
  scopes: Map<string, Scope>,
  place: string,
): Draft {
  const traceId = idAt(span['traceId'], 32, `${place}.traceId`) as TraceId | undefined;
  if (!traceId) throw wrong(`${place}.traceId`, 'an id that is not zero', span['traceId']);
  const spanId = idAt(span['id'], 16, `${place}.id`) as SpanId | undefined;
  if (!spanId) throw wrong(`${place}.id`, 'an id that is not zero', span['id']);
  const events = listAt(span['annotations'], `${place}.annotations`).map((each, n) =>
    eventFrom(each, `${place}.annotations[${n}]`),
  );
  const tags = tagsFrom(span['tags'], `${place}.tags`);
  const taken = takeMeaning(tags);
  const kind = textAt(span['kind'], `${place}.kind`).toLowerCase();
  const local = endpointAt(span['localEndpoint'], `${place}.localEndpoint`);
  const remote = endpointAt(span['remoteEndpoint'], `${place}.remoteEndpoint`);
  const start = microsAt(span['timestamp'], `${place}.timestamp`) ?? earliest(events);
  return {
    start: start === 0n ? undefined : start,
    place,
    span: {
      traceId,
      spanId,
      parentSpanId: idAt(span['parentId'], 16, `${place}.parentId`) as SpanId | undefined,
      traceState: taken.traceState,
      flags: 0,
      name: textAt(span['name'], `${place}.name`),
      kind: kinds.find((each) => each === kind) ?? 'internal',
      duration: Number(microsAt(span['duration'], `${place}.duration`) ?? 0n),
      status: taken.status,
      statusMessage: taken.statusMessage,
      attributes: Object.fromEntries([
        ...tags,
        ...localAttributes(local),
        ...remoteAttributes(remote).filter(([key]) => !tags.has(key)),
      ]),
      events,
      links: [],
      droppedAttributes: 0,
      droppedEvents: 0,
      droppedLinks: 0,
      resource: resourceFrom(local.service, resources),
      scope: scopeFrom(taken.scopeName, taken.scopeVersion, scopes),
    },
  };
}

const kinds: readonly SpanKind[] = ['client', 'server', 'producer', 'consumer'];

function resourceFrom(service: string, resources: Map<string, Resource>): Resource {
  const known = resources.get(service);
  if (known) return known;
  const attributes = service === '' ? {} : { 'service.name': service };
  const resource = { attributes, schemaUrl: '', droppedAttributes: 0 };
  resources.set(service, resource);
  return resource;
}

interface Endpoint {
  readonly service: string;
  readonly address: string;
  readonly port: bigint | undefined;
}

function endpointAt(value: unknown, place: string): Endpoint {
  const { serviceName, ipv4, ipv6, port } = objectAt(value ?? {}, place);
  const address = textAt(ipv4, `${place}.ipv4`) || textAt(ipv6, `${place}.ipv6`);
  const number = integerOf(port ?? 0);
  if (number === undefined || number < 0n || number > 65_535n) throw wrong(`${place}.port`, 'a port', port);
  return {
    service: textAt(serviceName, `${place}.serviceName`),
    address,
    port: number === 0n ? undefined : number,
  };
}

type Entry = readonly [string, AttributeValue];

function localAttributes({ address, port }: Endpoint): Entry[] {
  return [
    ...(address === '' ? [] : [['network.local.address', address] as const]),
    ...(port === undefined ? [] : [['network.local.port', port] as const]),
  ];
}

function remoteAttributes({ service, address, port }: Endpoint): Entry[] {
  return [
    ...(service === '' ? [] : [['peer.service', service] as const]),
    ...(address === '' ? [] : [['network.peer.address', address] as const]),
    ...(port === undefined ? [] : [['network.peer.port', port] as const]),
  ];
}

function tagsFrom(value: unknown, place: string): Map<string, AttributeValue> {
  return new Map(
    Object.entries(objectAt(value ?? {}, place)).map(([key, tag]) => [
      key,
      typeof tag === 'string' ? tag : textOf(tag),
    ]),
  );
}

/** Zipkin's tags are texts; what is none was written by a hand. */
function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Tags that are fields in OTLP are taken out of the attributes. That there is an `error` means a failure, whatever it says. */
function takeMeaning(tags: Map<string, AttributeValue>) {
  const take = (key: string): string | undefined => {
    const value = tags.get(key);
    tags.delete(key);
    return typeof value === 'string' ? value : undefined;
  };
  const code = take('otel.status_code')?.toUpperCase();
  const error = take('error');
  const failed = code === 'ERROR' || (code !== 'OK' && error !== undefined);
  const status: StatusCode = failed ? 'error' : code === 'OK' ? 'ok' : 'unset';
  const said = error === 'true' || error === 'false' ? '' : (error ?? '');
  const [name, version] = [take('otel.scope.name'), take('otel.scope.version')];
  const [oldName, oldVersion] = [take('otel.library.name'), take('otel.library.version')];
  return {
    status,
    statusMessage: take('otel.status_description') ?? said,
    traceState: take('w3c.tracestate') ?? '',
    scopeName: name ?? oldName ?? '',
    scopeVersion: version ?? oldVersion ?? '',
  };
}

function eventFrom(value: unknown, place: string): SpanEvent {
  const { timestamp, value: text } = objectAt(value, place);
  const time = microsAt(timestamp, `${place}.timestamp`) ?? 0n;
  const { name, attributes } = annotationOf(textAt(text, `${place}.value`));
  return { time: unixNanos(time), name, attributes, droppedAttributes: 0 };
}

/** `"name": {"key": "value"}` is how OpenTelemetry writes an event with attributes; any other text is a name. */
function annotationOf(text: string): Pick<SpanEvent, 'name' | 'attributes'> {
  const plain = { name: text, attributes: {} };
  if (!/^\s*"/.test(text)) return plain;
  try {
    const [[name, attributes] = ['', undefined], ...more] = Object.entries(
      JSON.parse(`{${text}}`) as JsonObject,
    );
    if (more.length > 0 || typeof attributes !== 'object' || attributes === null) return plain;
    const entries = Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)] as const);
    return { name, attributes: Object.fromEntries(entries) };
  } catch {
    return plain;
  }
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return textOf(value);
}

function earliest(events: readonly SpanEvent[]): bigint | undefined {
  const times = events.map(({ time }) => time).filter((time) => time > 0n);
  return times.length === 0 ? undefined : times.reduce((a, b) => (a < b ? a : b));
}

/** A span without a time gets that of its parent, or else of the earliest one of its trace; without any it is left out. */
function timed(drafts: readonly Draft[], complain: Complain): Span[] {
  if (drafts.every(({ start }) => start !== undefined)) return drafts.map(spanOf);
  const bySpan = new Map<string, bigint>();
  const byTrace = new Map<string, bigint>();
  for (const { span, start } of drafts) {
    if (start === undefined) continue;
    bySpan.set(`${span.traceId} ${span.spanId}`, start);
    const before = byTrace.get(span.traceId);
    if (before === undefined || start < before) byTrace.set(span.traceId, start);
  }
  return drafts.flatMap((draft) => {
    const { traceId, parentSpanId } = draft.span;
    const start = draft.start ?? bySpan.get(`${traceId} ${parentSpanId}`) ?? byTrace.get(traceId);
    if (start !== undefined) return [spanOf({ ...draft, start })];
    complain(new InvalidData(`${draft.place}: there is no time in this span or its trace`));
    return [];
  });
}

function spanOf({ span, start }: Draft): Span {
  return { ...span, start: unixNanos(start!) };
}
