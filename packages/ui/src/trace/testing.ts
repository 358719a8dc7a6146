import type { LogRecord, Timeline } from '@throughline/query/api';

/**
 * A timeline drawn as text, one span a line, indented below its parent; for tests:
 *
 *     0-100 shop GET /cart
 *       10-20 db SELECT !        an error
 *       120-150 mail send @130   an event at 130
 *     ?ab 30-40 db UPDATE        its parent ab is not stored
 *
 * Times are microseconds from the origin. The nth line's span has the id n in hexadecimal.
 */
export function timelineFromText(text: string): Timeline {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const spans = lines.map((line, index) => ({ ...readSpan(line), id: hexId(index + 1), index }));
  const sorted = spans.toSorted((a, b) => a.from - b.from || a.index - b.index);
  const place = new Map(sorted.map((span, at) => [span.index, at]));
  const parentOf = (span: (typeof spans)[number]) => {
    if (span.missing !== undefined) return -2;
    const above = spans.findLast((each) => each.index < span.index && each.indent < span.indent);
    return above ? place.get(above.index)! : -1;
  };
  const names = [...new Set(spans.flatMap((span) => [span.name, 'event']))];
  const services = [...new Set(spans.map((span) => span.service))];
  const events = sorted.flatMap((span, at) => span.events.map((time) => ({ at, time })));
  return {
    ...emptyTimeline(),
    names,
    services,
    span_id: sorted.map((span) => span.id),
    parent: sorted.map(parentOf),
    name: sorted.map((span) => names.indexOf(span.name)),
    service: sorted.map((span) => services.indexOf(span.service)),
    kind: sorted.map(() => 1),
    status: sorted.map((span) => (span.error ? 2 : 0)),
    start: sorted.map((span) => span.from * 1000),
    duration: sorted.map((span) => (span.to - span.from) * 1000),
    events: sorted.map((span) => span.events.length),
    links: sorted.map(() => 0),
    linked_from: sorted.map(() => 0),
    event_span: events.map(({ at }) => at),
    event_time: events.map(({ time }) => time * 1000),
    event_name: events.map(() => names.indexOf('event')),
    missing: sorted.flatMap((span, at) => (span.missing === undefined ? [] : [[at, span.missing]])),
  };
}

const written = /^( *)(?:\?(\S+) )?(-?\d+)-(-?\d+) (\S+) (.*?)( !)?((?: @-?\d+)*)$/;

function readSpan(line: string) {
  const [, indent, missing, from, to, service, name, error, events] = written.exec(line.trimEnd()) ?? [];
  if (indent === undefined || service === undefined || name === undefined)
    throw new Error(`not a span: ${line}`);
  return {
    indent: indent.length,
    missing: missing?.padStart(16, '0'),
    from: Number(from),
    to: Number(to),
    service,
    name,
    error: error !== undefined,
    events: [...(events ?? '').matchAll(/@(-?\d+)/g)].map((match) => Number(match[1])),
  };
}

export function hexId(number: number): string {
  return number.toString(16).padStart(16, '0');
}

function emptyTimeline(): Timeline {
  return {
    summary: {
      trace_id: '0'.repeat(31) + '1',
      start: '1700000000000000000',
      duration: 0,
      root_service: '',
      root_operation: '',
      has_root: true,
      spans: 0,
      errors: 0,
      services: [],
      matched: 0,
    },
    origin: '1700000000000000000',
    names: [],
    services: [],
    span_id: [],
    parent: [],
    name: [],
    service: [],
    kind: [],
    status: [],
    start: [],
    duration: [],
    events: [],
    links: [],
    linked_from: [],
    event_span: [],
    event_time: [],
    event_name: [],
    missing: [],
    logs: [],
    warnings: [],
  };
}

/** A log record `micros` after the origin of `timelineFromText`, of the span with that number (0: of none). */
export function logAt(micros: number, span: number, body: string, severity = 9): LogRecord {
  const time = (1_700_000_000_000_000_000n + BigInt(micros) * 1000n).toString();
  return {
    time,
    observed_time: time,
    ...(span > 0 ? { span_id: hexId(span) } : {}),
    service: 'shop',
    severity,
    severity_text: '',
    event_name: '',
    body,
    body_type: 'string',
    attributes: [],
    resource: { attributes: [], schema_url: '', dropped_attributes: 0 },
    scope: { name: '', version: '', attributes: [], schema_url: '', dropped_attributes: 0 },
  };
}

/** A timeline of the given columns alone; every span lasts `duration`. */
export function timelineOf(parents: readonly number[], starts: readonly number[], duration = 10): Timeline {
  const zeros = parents.map(() => 0);
  return {
    ...emptyTimeline(),
    names: ['work'],
    services: ['one'],
    span_id: parents.map((_, index) => hexId(index + 1)),
    parent: [...parents],
    name: zeros,
    service: zeros,
    kind: zeros,
    status: zeros,
    start: [...starts],
    duration: parents.map(() => duration),
    events: zeros,
    links: zeros,
    linked_from: zeros,
  };
}

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random tree of `count` spans whose parents start before them. */
export function randomTimeline(count: number, seed: number): Timeline {
  const random = seeded(seed);
  const starts = Array.from({ length: count }, () => Math.floor(random() * 1e9)).sort((a, b) => a - b);
  const parents = starts.map((_, index) =>
    index === 0 ? -1 : Math.max(0, index - 1 - Math.floor(random() ** 3 * index)),
  );
  return timelineOf(parents, starts, 1e6);
}
