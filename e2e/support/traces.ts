import { randomBytes } from 'node:crypto';
import { eventually } from './eventually.ts';

/** One span and the spans below it, for `sendTraces`. */
export interface SpanToSend {
  readonly service: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly error?: boolean;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly resource?: Readonly<Record<string, string>>;
  readonly children?: readonly SpanToSend[];
}

/** Sends each span with what is below it as one trace, as OTLP/JSON to `${otlpHttp}/v1/traces`; returns the trace ids. */
export async function sendTraces(otlpHttp: string, roots: readonly SpanToSend[]): Promise<string[]> {
  const traceIds = roots.map(() => randomHex(32));
  const response = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: roots.flatMap((root, i) => resourceSpans(root, traceIds[i]!, '')),
    }),
  });
  if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`);
  return traceIds;
}

/** Waits until a server (its address of UI and API) has stored this many spans. */
export async function untilStored(server: string, spans: number): Promise<void> {
  await eventually(async () => {
    const status = await fetch(`${server}/throughline/v1/status`);
    return ((await status.json()) as { spans: { stored: number } }).spans.stored >= spans;
  });
}

function resourceSpans(span: SpanToSend, traceId: string, parentSpanId: string): object[] {
  const spanId = randomHex(16);
  const own = {
    resource: { attributes: attributes({ 'service.name': span.service, ...span.resource }) },
    scopeSpans: [
      {
        spans: [
          {
            traceId,
            spanId,
            parentSpanId,
            name: span.name,
            kind: parentSpanId === '' ? 2 : 3,
            startTimeUnixNano: nanos(span.startMs),
            endTimeUnixNano: nanos(span.startMs + span.durationMs),
            status: span.error ? { code: 2 } : {},
            attributes: attributes(span.attributes ?? {}),
          },
        ],
      },
    ],
  };
  return [own, ...(span.children ?? []).flatMap((child) => resourceSpans(child, traceId, spanId))];
}

function attributes(values: Readonly<Record<string, string | number | boolean>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

function nanos(millis: number): string {
  return (BigInt(Math.round(millis * 1_000)) * 1_000n).toString();
}

function randomHex(digits: number): string {
  return randomBytes(digits / 2).toString('hex');
}
