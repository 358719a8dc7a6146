import type { Attributes, LogRecord, Resource, Scope, Span, SpanEvent, SpanLink } from '@throughline/model';
import { unixNanos } from '@throughline/model';
import { grouped } from './groups.ts';
import { capitalized, time, typed } from './values.ts';

// Everything about each item, in the words of the Collector's debug exporter (debugexporter: internal/otlptext).

export function detailedTraces(spans: readonly Span[]): string {
  return lines(spans, 'ResourceSpans', 'ScopeSpans', 'Span', spanLines);
}

export function detailedLogs(records: readonly LogRecord[]): string {
  return lines(records, 'ResourceLog', 'ScopeLogs', 'LogRecord', recordLines);
}

function lines<T extends { resource: Resource; scope: Scope }>(
  items: readonly T[],
  resourceWord: string,
  scopeWord: string,
  itemWord: string,
  draw: (item: T) => string[],
): string {
  return grouped(items)
    .flatMap(({ resource, scopes }, i) => [
      `${resourceWord} #${i}`,
      `Resource SchemaURL: ${resource.schemaUrl}`,
      ...attributes('Resource attributes', resource.attributes),
      ...scopes.flatMap(({ scope, items: members }, j) => [
        `${scopeWord} #${j}`,
        `${scopeWord} SchemaURL: ${scope.schemaUrl}`,
        `InstrumentationScope ${scope.name} ${scope.version}`,
        ...attributes('InstrumentationScope attributes', scope.attributes),
        ...members.flatMap((item, k) => [`${itemWord} #${k}`, ...draw(item)]),
      ]),
    ])
    .join('\n');
}

function spanLines(span: Span): string[] {
  return [
    field('Trace ID', span.traceId),
    field('Parent ID', span.parentSpanId ?? ''),
    field('ID', span.spanId),
    field('Name', span.name),
    field('Kind', capitalized(span.kind)),
    ...(span.traceState ? [field('TraceState', span.traceState)] : []),
    field('Start time', time(span.start)),
    field('End time', time(unixNanos(span.start + BigInt(span.duration)))),
    field('Status code', capitalized(span.status)),
    field('Status message', span.statusMessage),
    field('DroppedAttributesCount', String(span.droppedAttributes)),
    field('DroppedEventsCount', String(span.droppedEvents)),
    field('DroppedLinksCount', String(span.droppedLinks)),
    ...attributes('Attributes', span.attributes),
    ...(span.events.length ? ['Events:', ...span.events.flatMap(eventLines)] : []),
    ...(span.links.length ? ['Links:', ...span.links.flatMap(linkLines)] : []),
  ];
}

function eventLines(event: SpanEvent, index: number): string[] {
  return [
    `SpanEvent #${index}`,
    `     -> Name: ${event.name}`,
    `     -> Timestamp: ${time(event.time)}`,
    `     -> DroppedAttributesCount: ${event.droppedAttributes}`,
    ...attributes('     -> Attributes:', event.attributes, '          ->'),
  ];
}

function linkLines(link: SpanLink, index: number): string[] {
  return [
    `SpanLink #${index}`,
    `     -> Trace ID: ${link.traceId}`,
    `     -> ID: ${link.spanId}`,
    `     -> TraceState: ${link.traceState}`,
    `     -> DroppedAttributesCount: ${link.droppedAttributes}`,
    ...attributes('     -> Attributes:', link.attributes, '          ->'),
  ];
}

function recordLines(record: LogRecord): string[] {
  return [
    `ObservedTimestamp: ${time(record.observedTime)}`,
    `Timestamp: ${time(record.time)}`,
    `SeverityText: ${record.severityText}`,
    `SeverityNumber: ${severityName(record.severity)}(${record.severity})`,
    ...(record.eventName ? [`EventName: ${record.eventName}`] : []),
    `Body: ${typed(record.body)}`,
    ...attributes('Attributes', record.attributes),
    `Trace ID: ${record.traceId ?? ''}`,
    `Span ID: ${record.spanId ?? ''}`,
    `Flags: ${record.flags}`,
  ];
}

const severities = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'];

/** `Info` of 9, `Info2` of 10: four numbers for each word. */
function severityName(severity: number): string {
  const word = severities[(severity - 1) >> 2];
  if (severity < 1 || word === undefined) return severity === 0 ? 'Unspecified' : '';
  const step = (severity - 1) & 3;
  return step === 0 ? word : `${word}${step + 1}`;
}

function field(name: string, value: string): string {
  return `    ${name.padEnd(15)}: ${value}`;
}

function attributes(header: string, values: Attributes, arrow = '     ->'): string[] {
  const entries = Object.entries(values);
  if (entries.length === 0) return [];
  return [`${header}:`, ...entries.map(([key, value]) => `${arrow} ${key}: ${typed(value)}`)];
}
