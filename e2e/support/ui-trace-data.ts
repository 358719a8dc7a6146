/** Attribute values as they are sent; whole numbers become ints. */
export type Values = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A span of `sendSpans`; times in milliseconds from the trace's start. Ids are numbers, written as 16 hex digits. */
export interface TraceSpan {
  readonly id: number;
  readonly parent?: number;
  readonly service: string;
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  /** OTLP's SpanKind; default 1, internal. */
  readonly kind?: number;
  /** The status is error, with this message. */
  readonly error?: string;
  readonly attributes?: Values;
  readonly events?: readonly { at: number; name: string; attributes?: Values }[];
  readonly links?: readonly { traceId: string; spanId: string; attributes?: Values }[];
  readonly traceState?: string;
}

export function spanId(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** Sends the spans as OTLP/JSON, 5,000 in a request, in their order; throws unless each request succeeds. */
export async function sendSpans(
  otlpHttp: string,
  traceId: string,
  startMs: number,
  spans: readonly TraceSpan[],
): Promise<void> {
  for (let from = 0; from < spans.length; from += 5_000) {
    const resourceSpans = [...groups(spans.slice(from, from + 5_000))].map(([service, members]) => ({
      resource: { attributes: keyValues({ 'service.name': service, 'service.version': '1.4.2' }) },
      scopeSpans: [
        {
          scope: { name: 'shop-tracer', version: '2.1' },
          spans: members.map((span) => otlpSpan(traceId, startMs, span)),
        },
      ],
    }));
    await post(`${otlpHttp}/v1/traces`, { resourceSpans });
  }
}

/** A log record of the span with that id, or of none. */
export interface TraceLog {
  readonly span?: number;
  readonly service: string;
  readonly at: number;
  readonly severity: number;
  readonly body: string;
}

export async function sendLogs(
  otlpHttp: string,
  traceId: string,
  startMs: number,
  logs: readonly TraceLog[],
): Promise<void> {
  const resourceLogs = logs.map((log) => ({
    resource: { attributes: keyValues({ 'service.name': log.service }) },
    scopeLogs: [
      {
        scope: { name: 'shop-logger' },
        logRecords: [
          {
            timeUnixNano: nanos(startMs, log.at),
            observedTimeUnixNano: nanos(startMs, log.at),
            severityNumber: log.severity,
            body: { stringValue: log.body },
            traceId,
            ...(log.span === undefined ? {} : { spanId: spanId(log.span) }),
            attributes: keyValues({ 'logger.name': 'app' }),
          },
        ],
      },
    ],
  }));
  await post(`${otlpHttp}/v1/logs`, { resourceLogs });
}

function groups(spans: readonly TraceSpan[]): Map<string, TraceSpan[]> {
  const byService = new Map<string, TraceSpan[]>();
  for (const span of spans) {
    const members = byService.get(span.service);
    if (members) members.push(span);
    else byService.set(span.service, [span]);
  }
  return byService;
}

function otlpSpan(traceId: string, startMs: number, span: TraceSpan): object {
  return {
    traceId,
    spanId: spanId(span.id),
    ...(span.parent === undefined ? {} : { parentSpanId: spanId(span.parent) }),
    ...(span.traceState === undefined ? {} : { traceState: span.traceState }),
    flags: 1,
    name: span.name,
    kind: span.kind ?? 1,
    startTimeUnixNano: nanos(startMs, span.start),
    endTimeUnixNano: nanos(startMs, span.start + span.duration),
    status: span.error === undefined ? {} : { code: 2, message: span.error },
    attributes: keyValues(span.attributes ?? {}),
    events: (span.events ?? []).map((event) => ({
      timeUnixNano: nanos(startMs, event.at),
      name: event.name,
      attributes: keyValues(event.attributes ?? {}),
    })),
    links: (span.links ?? []).map((link) => ({ ...link, attributes: keyValues(link.attributes ?? {}) })),
  };
}

function keyValues(values: Values): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Values[string]): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(anyValue) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function nanos(startMs: number, offsetMs: number): string {
  return (BigInt(startMs) * 1_000_000n + BigInt(Math.round(offsetMs * 1_000_000))).toString();
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
}

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One trace of many spans below a root, of 24 services and 300 operations, some in error, some deep. */
export function bigTrace(count: number, seed = 1): TraceSpan[] {
  const random = seeded(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const spans: TraceSpan[] = [{ id: 1, service: 'batch', name: 'nightly job', start: 0, duration: 60_000 }];
  for (let index = 1; index < count; index++) {
    const near = random() < 0.5 ? index - 1 : Math.max(0, index - 1 - pick(Math.min(index, 400)));
    const above = index % 25 === 0 ? 0 : near;
    spans.push({
      id: index + 1,
      parent: above + 1,
      service: `service-${pick(24)}`,
      name: `operation ${pick(300)} of the big job`,
      start: Math.min(index * (60_000 / count), 59_000),
      duration: random() ** 3 * 900,
      ...(random() < 0.003 ? { error: 'failed' } : {}),
      attributes: { 'job.step': index },
    });
  }
  return spans;
}

/** A chain of spans, each the child of the one before. */
export function chainTrace(depth: number): TraceSpan[] {
  return Array.from({ length: depth }, (_, index) => ({
    id: index + 1,
    ...(index === 0 ? {} : { parent: index }),
    service: ['api', 'worker', 'queue'][index % 3]!,
    name: `step number ${index + 1}`,
    start: index * 0.1,
    duration: (depth - index) * 0.2,
  }));
}
