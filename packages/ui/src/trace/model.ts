import type { LogRecord, Timeline, TraceSummary, Warning } from '@throughline/query/api';
import { traceColumns, type TraceColumns } from './columns.ts';
import { nodeKeys, type FindNode } from './fold.ts';
import { logColumns, type LogColumns } from './logs/logs.ts';
import { marksOf, type Marks } from './marks.ts';
import { treeOf, type Tree } from './tree.ts';
import { wholeRange, type Range } from './zoom.ts';

/** A trace as the view works with it: everything that does not depend on what the user does. */
export interface TraceModel {
  readonly summary: TraceSummary;
  readonly warnings: readonly Warning[];
  readonly columns: TraceColumns;
  readonly tree: Tree;
  readonly marks: Marks;
  readonly logs: LogColumns;
  readonly whole: Range;
  readonly keyOf: (node: number) => string;
  readonly nodeOf: FindNode;
}

export function traceModel(timeline: Timeline): TraceModel {
  const columns = traceColumns(timeline);
  const tree = treeOf(columns);
  const { keyOf, nodeOf } = nodeKeys(columns);
  return {
    summary: timeline.summary,
    warnings: timeline.warnings,
    columns,
    tree,
    marks: marksOf(columns, tree),
    logs: logColumns(timeline.logs, columns, nodeOf),
    whole: wholeRange(columns),
    keyOf,
    nodeOf,
  };
}

/** Log records alone, as a trace without spans that begins with the first of them. */
export function logsModel(logs: readonly LogRecord[]): TraceModel {
  const origin = logs[0]?.time ?? '0';
  const none: number[] = [];
  const summary = { trace_id: '', start: origin, duration: 0, root_service: '', root_operation: '' };
  return traceModel({
    summary: { ...summary, has_root: false, spans: 0, errors: 0, services: [], matched: 0 },
    origin,
    names: [],
    services: [],
    span_id: [],
    parent: none,
    name: none,
    service: none,
    kind: none,
    status: none,
    start: none,
    duration: none,
    events: none,
    links: none,
    linked_from: none,
    event_span: none,
    event_time: none,
    event_name: none,
    missing: [],
    logs: [...logs],
    warnings: [],
  });
}

export function nameOf({ columns }: TraceModel, node: number): string {
  return columns.names[columns.name[node]!]?.replace(/^$/, '(no name)') ?? 'Missing span';
}

export function serviceOf({ columns }: TraceModel, node: number): string {
  return columns.services[columns.service[node]!] ?? '';
}
