import {
  type Attributes,
  type AttributeValue,
  nanosPerMilli,
  parseTraceId,
  serviceOf,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type SpanKind,
  type StatusCode,
  type TraceId,
  type UnixNanos,
  unixNanos,
} from '@throughline/model';

export interface TraceTextOptions {
  /** 32 hex digits. */
  readonly traceId?: string;
  /** What 0 stands for in the text. */
  readonly start?: UnixNanos;
}

const defaultTraceId = '00000000000000000000000000000001';
const defaultStart = unixNanos(1_767_225_600_000_000_000n);
const scope: Scope = { name: 'text', version: '1', attributes: {}, schemaUrl: '', droppedAttributes: 0 };

/**
 * The spans of a trace drawn as text: one line each, children indented by two more blanks than their parent.
 *
 * ```
 * shop: GET /cart server 0..120 error http.response.status_code=500
 *   shop: SELECT carts client 10..50.5 db.system.name=postgresql
 *   pay: charge 60..110
 * ```
 *
 * That is `service: name kind start..end status key=value …`: times in milliseconds after `start`, kind `internal` and
 * status `unset` unless given; a value is an int, a double (with a point), true, false, a JSON text in quotes, or else
 * a text without blanks. Span ids count the lines: the first is 0000000000000001. Every service has one resource.
 */
export function traceFromText(text: string, options: TraceTextOptions = {}): Span[] {
  const traceId = parseTraceId(options.traceId ?? defaultTraceId);
  if (!traceId) throw new RangeError(`${options.traceId} is not a trace id`);
  const resources = new Map<string, Resource>();
  const open: { indent: number; spanId: SpanId }[] = [];
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const parsed = parseLine(line);
      const spanId = (i + 1).toString(16).padStart(16, '0') as SpanId;
      while (open.length > 0 && open.at(-1)!.indent >= parsed.indent) open.pop();
      const parentSpanId = open.at(-1)?.spanId;
      open.push({ indent: parsed.indent, spanId });
      const resource = resources.get(parsed.service) ?? resourceOf(parsed.service);
      resources.set(parsed.service, resource);
      return spanOf(parsed, {
        traceId,
        spanId,
        parentSpanId,
        resource,
        start: options.start ?? defaultStart,
      });
    });
}

/** The spans drawn as `traceFromText` reads them: siblings by start, spans whose parent is not among them on top. */
export function textOfTrace(spans: readonly Span[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const sorted = spans.toSorted((a, b) => Number(a.start - b.start) || (a.spanId < b.spanId ? -1 : 1));
  const zero = sorted[0]?.start ?? defaultStart;
  const draw = (span: Span, indent: string): string[] => [
    indent + lineOf(span, zero),
    ...sorted
      .filter((child) => child.parentSpanId === span.spanId)
      .flatMap((child) => draw(child, `${indent}  `)),
  ];
  return sorted
    .filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    .flatMap((root) => draw(root, ''))
    .join('\n');
}

interface Line {
  readonly indent: number;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: StatusCode;
  readonly attributes: Attributes;
}

const linePattern =
  /^( *)([^:]+): (.*?)(?: (internal|server|client|producer|consumer))? (-?[\d.]+?)\.\.(-?[\d.]+)(?: (ok|error))?((?: [^\s=]+=(?:"(?:[^"\\]|\\.)*"|\S*))*)$/;

function parseLine(line: string): Line {
  const match = linePattern.exec(line.trimEnd());
  if (!match) throw new SyntaxError(`not a span: ${line}`);
  const [, indent, service, name, kind, start, end, status, attributes] = match;
  return {
    indent: indent!.length,
    service: service!,
    name: name!.trim(),
    kind: (kind ?? 'internal') as SpanKind,
    startMs: Number(start),
    endMs: Number(end),
    status: (status ?? 'unset') as StatusCode,
    attributes: Object.fromEntries(
      Array.from(attributes!.matchAll(/ ([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g), ([, key, value]) => [
        key!,
        parseValue(value!),
      ]),
    ),
  };
}

function parseValue(text: string): AttributeValue {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

function resourceOf(service: string): Resource {
  return { attributes: { 'service.name': service }, schemaUrl: '', droppedAttributes: 0 };
}

interface Identity {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
  readonly resource: Resource;
  readonly start: UnixNanos;
}

function spanOf(line: Line, { start, ...identity }: Identity): Span {
  const startNanos = Math.round(line.startMs * nanosPerMilli);
  return {
    ...identity,
    traceState: '',
    flags: 0,
    name: line.name,
    kind: line.kind,
    start: unixNanos(start + BigInt(startNanos)),
    duration: Math.round(line.endMs * nanosPerMilli) - startNanos,
    status: line.status,
    statusMessage: '',
    attributes: line.attributes,
    events: [],
    links: [],
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    scope,
  };
}

function lineOf(span: Span, zero: UnixNanos): string {
  const start = Number(span.start - zero);
  const words = [
    `${serviceOf(span.resource)}: ${span.name}`,
    ...(span.kind === 'internal' ? [] : [span.kind]),
    `${start / nanosPerMilli}..${(start + span.duration) / nanosPerMilli}`,
    ...(span.status === 'unset' ? [] : [span.status]),
    ...Object.entries(span.attributes).map(([key, value]) => `${key}=${textOfValue(value)}`),
  ];
  return words.join(' ');
}

function textOfValue(value: AttributeValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw new TypeError('only texts, numbers and bools can be drawn');
  const plain = /^[^\s"]*$/.test(value) && parseValue(value) === value;
  return plain ? value : JSON.stringify(value);
}
