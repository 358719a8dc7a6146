import type { LogRecord, Resource, Scope, Span } from '@throughline/model';
import { grouped } from './groups.ts';
import { pairs, plain } from './values.ts';

// One line for each item, in the words of the Collector's debug exporter (debugexporter: internal/normal).

export function normalTraces(spans: readonly Span[]): string {
  return lines(
    spans,
    'ResourceTraces',
    'ScopeTraces',
    (span) => `${span.name} ${span.traceId} ${span.spanId}${pairs(span.attributes)}`,
  );
}

export function normalLogs(records: readonly LogRecord[]): string {
  return lines(
    records,
    'ResourceLog',
    'ScopeLog',
    (record) => `${plain(record.body)}${pairs(record.attributes)}`,
  );
}

function lines<T extends { resource: Resource; scope: Scope }>(
  items: readonly T[],
  resourceWord: string,
  scopeWord: string,
  line: (item: T) => string,
): string {
  return grouped(items)
    .flatMap(({ resource, scopes }, i) => [
      `${resourceWord} #${i}${schema(resource.schemaUrl)}${pairs(resource.attributes)}`,
      ...scopes.flatMap(({ scope, items: members }, j) => [
        `${scopeWord} #${j}${named(scope)}${schema(scope.schemaUrl)}${pairs(scope.attributes)}`,
        ...members.map(line),
      ]),
    ])
    .join('\n');
}

function named({ name, version }: Scope): string {
  const text = name + (version && `@${version}`);
  return text && ` ${text}`;
}

function schema(url: string): string {
  return url && ` [${url}]`;
}
