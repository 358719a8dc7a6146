/** In the order of OTLP's numbers for them. */
export const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type Kind = (typeof kinds)[number];

/** A span as a test looks at it, wherever it was received. Times are nanoseconds since 1970. */
export interface SeenSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: Kind;
  start: bigint;
  end: bigint;
  error: boolean;
  message: string;
  attributes: Record<string, unknown>;
  /** The parent is a span of another process, as the span's flags say. */
  remoteParent: boolean;
  events: { name: string; time: bigint; attributes: Record<string, unknown> }[];
}

export interface SeenLog {
  service: string;
  traceId: string;
  spanId: string;
  time: bigint;
  body: string;
  /** OTLP's SeverityNumber. */
  severity: number;
  attributes: Record<string, unknown>;
}

export interface Received {
  spans: SeenSpan[];
  logs: SeenLog[];
}

/** Something that takes in OTLP and can be asked what it got. */
export interface TelemetryReceiver {
  /** For the processes that shall send to it. */
  environment: Record<string, string>;
  /** What has arrived of a trace by now. */
  trace(traceId: string): Promise<Received>;
  close(): Promise<void>;
}

/** Resolves with the trace, spans by start, once it is as `complete` says. */
export async function traceOnce(
  receiver: TelemetryReceiver,
  traceId: string,
  complete: (received: Received) => boolean,
): Promise<Received> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const { spans, logs } = await receiver.trace(traceId);
    if (complete({ spans, logs })) return { spans: byStart(spans), logs: logs.toSorted(byTime) };
    if (Date.now() > deadline) {
      throw new Error(
        `trace ${traceId} is not complete; it has\n${treeOf(byStart(spans))}${logs.length} log records`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const byTime = (a: { time: bigint }, b: { time: bigint }): number => Number(a.time - b.time);
const byStart = (spans: SeenSpan[]): SeenSpan[] =>
  spans.toSorted((a, b) => Number(a.start - b.start) || Number(b.end - a.end));

/** Spans as an indented tree of `service: name`, with `!` after those that failed. */
export function treeOf(spans: readonly SeenSpan[], parent?: string, indent = ''): string {
  const ids = new Set(spans.map((span) => span.spanId));
  return spans
    .filter((span) =>
      parent === undefined ? !ids.has(span.parentSpanId ?? '') : span.parentSpanId === parent,
    )
    .map((span) => {
      const line = `${indent}${span.service}: ${span.name}${span.error ? ' !' : ''}\n`;
      return line + treeOf(spans, span.spanId, `${indent}  `);
    })
    .join('');
}

export const durationMs = (span: { start: bigint; end: bigint }): number =>
  Number(span.end - span.start) / 1e6;

/** The one span of that name. */
export function spanNamed(spans: readonly SeenSpan[], name: string): SeenSpan {
  const [span, another] = spans.filter((each) => each.name === name);
  if (!span || another) throw new Error(`not exactly one span is called ${name}:\n${treeOf(spans)}`);
  return span;
}
