import { z } from '@hono/zod-openapi';

// The shapes of /throughline/v1. The OpenAPI document and the types of the web app are made from them.
// Absolute times are decimal strings of nanoseconds since 1970 (they do not fit a JSON number); lengths of time and
// times relative to another are numbers of nanoseconds. Ids are lower-case hex.

const nanosText = z
  .string()
  .regex(/^\d{1,19}$/, { error: 'expected nanoseconds since 1970 as a decimal number', abort: true })
  .refine((text) => BigInt(text) < 2n ** 63n, 'is later than the year 2262')
  .describe('Nanoseconds since 1970 (UTC), as a decimal string.');
const nanos = z.number().describe('Nanoseconds.');
const kind = z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']);
const status = z.enum(['unset', 'ok', 'error']);
/** What spans are compared with. */
const text = z.string().max(10_000);
const leastOrMost = nanos.min(0).optional();
const scopeName = z.enum(['span', 'resource']);

/**
 * An attribute with its OTLP type. `value` of an int beyond 2^53 and of bytes (base64) is a string; of an array or a
 * map it is JSON with every inner value written plainly.
 */
export const Attribute = z.object({
  key: z.string(),
  type: z.enum(['string', 'int', 'double', 'bool', 'bytes', 'array', 'map', 'empty']),
  value: z.unknown(),
});

export const Condition = z
  .strictObject({
    /** Where to look: the span's own attributes, its resource's, or (left out) both. */
    scope: scopeName.optional(),
    key: text.min(1),
    op: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains', 'exists']),
    /** Compared as text and, where it reads as one, as a number or boolean. Left out with `exists`. */
    value: z.union([text, z.number(), z.boolean()]).optional(),
  })
  .refine(({ op, value }) => op === 'exists' || value !== undefined, {
    path: ['value'],
    error: 'is missing',
  });

const sortOrders = ['newest', 'oldest', 'longest', 'shortest', 'most_spans', 'most_errors'] as const;

/** What a search asks. All conditions on a span must hold for one and the same span. */
export const SearchQuery = z.object({
  service: text.optional(),
  operation: text.optional(),
  kind: kind.optional(),
  status: status.optional(),
  conditions: z.array(Condition).max(20).default([]),
  /** Case-insensitive text anywhere in the span's name, status message or string attributes. */
  text: text.optional(),
  /** Bounds of the span's duration in nanoseconds. */
  min_duration: leastOrMost,
  max_duration: leastOrMost,
  /** Bounds of the whole trace's duration in nanoseconds. */
  min_trace_duration: leastOrMost,
  max_trace_duration: leastOrMost,
  /**
   * The trace starts at or after `start` and before `end`. Default: `end` open, as clocks may run ahead; `start` an hour
   * before `end` or, without one, before now.
   */
  start: nanosText.optional(),
  end: nanosText.optional(),
  sort: z.enum(sortOrders).default('newest'),
  limit: z.number().int().min(1).max(1000).default(20),
  /** `next_cursor` of the page before. */
  cursor: z.string().optional(),
});

export const TraceSummary = z.object({
  trace_id: z.string(),
  start: nanosText,
  duration: nanos,
  /** Of the span without a parent; where that has not arrived, of the earliest span. */
  root_service: z.string(),
  root_operation: z.string(),
  /** False while the span without a parent has not arrived. */
  has_root: z.boolean(),
  spans: z.number(),
  errors: z.number(),
  services: z.array(
    z.object({
      name: z.string(),
      spans: z.number(),
      errors: z.number(),
      duration: nanos.describe('Sum of the durations of its spans.'),
    }),
  ),
  /** How many of its spans matched the search. */
  matched: z.number(),
});

export const SearchResult = z.object({
  traces: z.array(TraceSummary),
  /** Present while there may be more. */
  next_cursor: z.string().optional(),
});

export const Event = z.object({
  time: nanosText,
  name: z.string(),
  attributes: z.array(Attribute),
  dropped_attributes: z.number(),
});
export const Link = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  trace_state: z.string(),
  attributes: z.array(Attribute),
  dropped_attributes: z.number(),
  /** Of the span at the other end, where it is stored. */
  service: z.string().optional(),
  operation: z.string().optional(),
  start: nanosText.optional(),
});
export const Resource = z.object({
  attributes: z.array(Attribute),
  schema_url: z.string(),
  dropped_attributes: z.number(),
});
export const Scope = z.object({
  name: z.string(),
  version: z.string(),
  attributes: z.array(Attribute),
  schema_url: z.string(),
  dropped_attributes: z.number(),
});

export const Span = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  parent_span_id: z.string().optional(),
  trace_state: z.string(),
  flags: z.number(),
  service: z.string(),
  name: z.string(),
  kind,
  start: nanosText,
  duration: nanos,
  status,
  status_message: z.string(),
  attributes: z.array(Attribute),
  events: z.array(Event),
  /** Spans this one names. */
  links: z.array(Link),
  dropped_attributes: z.number(),
  dropped_events: z.number(),
  dropped_links: z.number(),
  resource: Resource,
  scope: Scope,
});

/** One span with all that is known of it, and who links to it. */
export const SpanDetails = Span.extend({
  /** Spans that name this one. */
  linked_from: z.array(Link),
});

export const LogRecord = z.object({
  time: nanosText,
  observed_time: nanosText,
  trace_id: z.string().optional(),
  span_id: z.string().optional(),
  service: z.string(),
  severity: z.number().describe("OTLP's SeverityNumber, 0 to 24."),
  severity_text: z.string(),
  event_name: z.string(),
  /** Written as the value of an attribute is. */
  body: z.unknown(),
  body_type: Attribute.shape.type,
  attributes: z.array(Attribute),
  resource: Resource,
  scope: Scope,
});

export const Warning = z.object({
  kind: z.enum([
    'missing_parent',
    'missing_root',
    'clock_skew',
    'still_arriving',
    'duplicate_span_id',
    'cycle',
  ]),
  message: z.string(),
  span_ids: z.array(z.string()).describe('The spans it is about; at most 100.'),
  count: z.number(),
});

export const Trace = z.object({
  summary: TraceSummary,
  spans: z.array(Span),
  /** Spans of other traces that name a span of this one; `span_id` is the foreign span's, `target_span_id` ours. */
  linked_from: z.array(Link.extend({ target_span_id: z.string() })),
  logs: z.array(LogRecord),
  warnings: z.array(Warning),
});

/**
 * A whole trace as columns, for drawing: one entry per span in each array, ordered by start. `names`, `services` and
 * `scopes` are dictionaries that the columns of the same stem index.
 */
export const Timeline = z.object({
  summary: TraceSummary,
  /** Start of the trace; `start` counts from here. */
  origin: nanosText,
  names: z.array(z.string()),
  services: z.array(z.string()),
  span_id: z.array(z.string()),
  /**
   * Index of the parent in these columns; -1: no parent (also: the earliest span of a cycle, see `warnings`); -2: its
   * parent is not stored (see `missing`).
   */
  parent: z.array(z.number()),
  name: z.array(z.number()),
  service: z.array(z.number()),
  /** Index into unspecified, internal, server, client, producer, consumer. */
  kind: z.array(z.number()),
  /** 0 unset, 1 ok, 2 error. */
  status: z.array(z.number()),
  start: z.array(nanos),
  duration: z.array(nanos),
  /** Of each span: number of events, of links it has, of links to it. */
  events: z.array(z.number()),
  links: z.array(z.number()),
  linked_from: z.array(z.number()),
  /** Every event, by span, then time: index of its span, its time, and its name's index in `names`. */
  event_span: z.array(z.number()),
  event_time: z.array(nanos.describe('Nanoseconds from `origin`; negative where it lies before.')),
  event_name: z.array(z.number()),
  /** For spans whose parent is not stored: [index of the span, the parent's id]. */
  missing: z.array(
    z.tuple([z.number(), z.string()]).openapi({
      type: 'array',
      items: { type: ['number', 'string'] },
      minItems: 2,
      maxItems: 2,
    }),
  ),
  logs: z.array(LogRecord),
  warnings: z.array(Warning),
});

export const FoundSpans = z.object({ span_ids: z.array(z.string()) });

export const Services = z.object({
  services: z.array(z.object({ name: z.string(), spans: z.number(), errors: z.number() })),
});
export const Operations = z.object({
  operations: z.array(z.object({ service: z.string(), name: z.string(), kind, spans: z.number() })),
});
export const AttributeKeys = z.object({
  /** Most frequent first. Of a span's key `count` is the number of spans that have it, of a resource's that of resources. */
  keys: z.array(
    z.object({ scope: scopeName, key: z.string(), type: Attribute.shape.type, count: z.number() }),
  ),
});
export const AttributeValues = z.object({
  /** Most frequent first, counted in a sample of the newest spans. */
  values: z.array(z.object({ type: Attribute.shape.type, value: z.unknown(), count: z.number() })),
});

const callSums = {
  calls: z.number(),
  errors: z.number(),
  rate: z.number().describe('Calls per second of the range.'),
  error_rate: z.number().describe('Share of the calls that failed, 0 to 1.'),
  p50: nanos,
  p95: nanos,
};

export const MapNode = z.object({
  id: z
    .string()
    .describe('Of a service its name; of the others kind, colon, system where there is one, blank, name.'),
  kind: z.enum(['service', 'topic', 'database', 'external']),
  name: z.string(),
  system: z.string().optional().describe('Of a topic or database, as `kafka` or `postgresql`.'),
  ...callSums,
});

export const MapEdge = z.object({
  from: z.string().describe('Id of a node.'),
  to: z.string().describe('Id of a node.'),
  kind: z
    .enum(['call', 'publish', 'consume', 'route'])
    .describe(
      'Service to service, database or external; service to topic; topic to service; topic to topic (exchange and queue).',
    ),
  ...callSums,
  lag_p50: nanos
    .optional()
    .describe("Nanoseconds from the producer's end to the consumer's start, where both are known."),
  lag_p95: nanos.optional(),
});

export const ServiceMap = z.object({
  seconds: z.number().describe('How much time the map covers: what rates are of.'),
  nodes: z.array(MapNode),
  edges: z.array(MapEdge),
});

/** Rate, errors and duration, one point per step. */
export const RedSeries = z.object({
  step_s: z.number(),
  series: z.array(
    z.object({
      service: z.string(),
      operation: z.string().optional(),
      points: z.array(
        z.object({
          time_s: z.number().describe('Start of the step, seconds since 1970.'),
          calls: z.number(),
          errors: z.number(),
          p50: nanos,
          p95: nanos,
          p99: nanos,
        }),
      ),
    }),
  ),
});

export const Status = z.object({
  version: z.string(),
  uptime_s: z.number(),
  data_dir: z.string(),
  purge_allowed: z.boolean(),
  spans: z.object({ stored: z.number() }),
  logs: z.object({ stored: z.number() }),
  listening: z.array(z.object({ what: z.string(), url: z.string() })),
  journal: z.array(
    z.object({
      pipeline: z.string(),
      bytes: z.number(),
      max_bytes: z.number(),
      consumers: z.array(z.object({ exporter: z.string(), lag_bytes: z.number() })),
    }),
  ),
  engine: z.object({
    kind: z.enum(['embedded', 'server']),
    state: z.enum(['starting', 'ready', 'down']),
    version: z.string().optional(),
    error: z.string().optional(),
  }),
});

/** RFC 9457 problem details; the body of every answer that is not a success. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  /** Of a request that was wrong: each mistake, with where it stands. */
  errors: z
    .array(z.object({ in: z.enum(['query', 'path', 'body']), name: z.string(), message: z.string() }))
    .optional(),
});
