import type { Batch, Signal } from './batch.ts';
import { checkLogRecord, checkSpan, logFaults, spanFaults } from './check-item.ts';
import { malformedData } from './check-structure.ts';
import { without } from './cut.ts';
import {
  logsData,
  type Message,
  resourceLogs,
  resourceSpans,
  scopeLogs,
  scopeSpans,
  tracesData,
} from './schema.ts';
import { afterBytes, afterField, afterVarint, malformed, planOf } from './structure.ts';

export interface Checked {
  /** What may be kept. Its bytes are the very input when nothing is rejected. */
  readonly batch: Batch;
  /** How many spans or log records were taken out because of their ids. */
  readonly rejected: number;
  /** Why, for the sender; present when `rejected` > 0. */
  readonly reason?: string;
}

/**
 * Checks that `bytes` are an ExportTraceServiceRequest (= TracesData) down to the last nested value, so that whoever
 * reads them later need not be afraid. Wrong bytes throw InvalidData saying where and what. Fields that OTLP does not
 * know yet are kept. Whether texts are UTF-8 is not checked, as the specification allows intermediaries (docs/
 * specification.md of opentelemetry-proto): readers show what is not as U+FFFD.
 *
 * Spans whose trace_id or span_id is zero or of wrong length, whose parent_span_id is neither empty nor 8 bytes (eight
 * zero bytes count as empty), or which link to ids that are neither empty nor of the right length are taken out.
 */
export function checkTraces(bytes: Uint8Array): Checked {
  return check(bytes, traces);
}

/**
 * The same for an ExportLogsServiceRequest (= LogsData). Records whose trace_id is neither empty nor 16 bytes, or whose
 * span_id is neither empty nor 8 bytes, are taken out; ids of zero count as empty.
 */
export function checkLogs(bytes: Uint8Array): Checked {
  return check(bytes, logs);
}

interface Rules {
  readonly signal: Signal;
  readonly root: Message;
  readonly rootPlan: number;
  readonly groupPlan: number;
  readonly scopePlan: number;
  /** Returns 0, the number of a fault, or `malformed`. */
  readonly item: (b: Uint8Array, start: number, end: number) => number;
  /** What the sender is told about n items with the fault; the first is fault 1. */
  readonly faults: readonly ((n: number) => string)[];
}

const traces: Rules = {
  signal: 'traces',
  root: tracesData,
  rootPlan: planOf(tracesData),
  groupPlan: planOf(resourceSpans),
  scopePlan: planOf(scopeSpans),
  item: checkSpan,
  faults: spanFaults,
};

const logs: Rules = {
  signal: 'logs',
  root: logsData,
  rootPlan: planOf(logsData),
  groupPlan: planOf(resourceLogs),
  scopePlan: planOf(scopeLogs),
  item: checkLogRecord,
  faults: logFaults,
};

interface Tally {
  items: number;
  /** How many items have fault 1, 2, … */
  readonly faults: number[];
}

function check(bytes: Uint8Array, rules: Rules): Checked {
  const tally: Tally = { items: 0, faults: rules.faults.map(() => 0) };
  if (checkRoot(bytes, rules, tally) === malformed) throw malformedData(bytes, rules.root);
  const { signal, item } = rules;
  const rejected = tally.faults.reduce((sum, n) => sum + n, 0);
  if (rejected === 0) return { batch: { signal, bytes, items: tally.items }, rejected };
  const batch = {
    signal,
    bytes: without(bytes, (b, start, end) => item(b, start, end) !== 0),
    items: tally.items - rejected,
  };
  const reason = rules.faults.flatMap((say, i) => (tally.faults[i] ? say(tally.faults[i]) : []));
  return { batch, rejected, reason: reason.join('; ') };
}

function checkRoot(b: Uint8Array, rules: Rules, tally: Tally): number {
  const end = b.length;
  let pos = 0;
  while (pos < end)
    pos =
      b[pos] === 0x0a
        ? checkGroup(b, pos + 1, end, rules, tally)
        : afterField(b, pos, end, rules.rootPlan, 0);
  return pos === end ? end : malformed;
}

/** ResourceSpans or ResourceLogs, from its length on. */
function checkGroup(b: Uint8Array, at: number, outer: number, rules: Rules, tally: Tally): number {
  const end = afterBytes(b, at, outer);
  if (end === malformed) return malformed;
  let pos = afterVarint(b, at, outer);
  while (pos < end)
    pos =
      b[pos] === 0x12
        ? checkScope(b, pos + 1, end, rules, tally)
        : afterField(b, pos, end, rules.groupPlan, 0);
  return pos === end ? end : malformed;
}

/** ScopeSpans or ScopeLogs, from its length on. Hot: check.bench.ts. */
function checkScope(b: Uint8Array, at: number, outer: number, rules: Rules, tally: Tally): number {
  const end = afterBytes(b, at, outer);
  if (end === malformed) return malformed;
  const { item, scopePlan } = rules;
  let pos = afterVarint(b, at, outer);
  let items = 0;
  while (pos < end) {
    if (b[pos] !== 0x12) {
      pos = afterField(b, pos, end, scopePlan, 0);
      continue;
    }
    const stop = afterBytes(b, pos + 1, end);
    if (stop === malformed) return malformed;
    const fault = item(b, afterVarint(b, pos + 1, end), stop);
    if (fault === malformed) return malformed;
    items++;
    if (fault !== 0) tally.faults[fault - 1]!++;
    pos = stop;
  }
  tally.items += items;
  return pos === end ? end : malformed;
}
