import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { TraceId } from '@throughline/model';
import type { Arrival, TraceQuery, TraceStore } from '@throughline/store';
import { randomUUID } from 'node:crypto';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { SearchParameters } from '../api/parameters.ts';
import { TraceSummary } from '../api/schemas.ts';
import { summaryJson } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { answers } from './answers.ts';
import { traceQuery } from './search.ts';

const pollMs = 500;
const heartbeatMs = 15_000;
/** Spans become searchable up to this long after the second in which they were received. */
const lateS = 15;
/** A client that comes back within this time goes on where it was. */
const keepMs = 60_000;
const mostKept = 100;
const mostAtOnce = 200;
/** A trace is sent again when it grows after this many others were sent. */
const mostRemembered = 10_000;

const { text, ...others } = SearchParameters.shape;
const StreamParameters = SearchParameters.pick(
  Object.fromEntries(
    [
      'service',
      'operation',
      'kind',
      'status',
      'conditions',
      'min_duration',
      'max_duration',
      'min_trace_duration',
      'max_trace_duration',
    ].map((key) => [key, true]),
  ) as Record<Exclude<keyof typeof others, 'start' | 'end' | 'sort' | 'limit' | 'cursor'>, true>,
).extend({ text });

const route = createRoute({
  method: 'get',
  path: '/traces/stream',
  operationId: 'streamTraces',
  summary: 'Matching traces as they become searchable',
  description: `Server-sent events: \`trace\` with a trace summary, once for each trace. Comments keep the connection
alive. A client that comes back with Last-Event-ID gets what it missed.`,
  request: { query: StreamParameters },
  responses: {
    ...answers(TraceSummary, ''),
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: TraceSummary } } },
  },
});

interface Sent {
  /** Seconds since 1970: its latest arrival. */
  readonly received: number;
  /** Of its event; 0: the client needed none. */
  readonly number: number;
}

/** What a client has been sent, kept a while after it went away. */
interface Feed {
  readonly id: string;
  /** The traces sent, in that order. */
  readonly sent: Map<TraceId, Sent>;
  /** How many events there were. */
  count: number;
  /** Seconds since 1970: all that was received before has been looked at. */
  since: number;
  goneAt: number;
  begun: boolean;
}

export function addStreamRoute(
  app: OpenAPIHono,
  { store, now = Date.now, log }: ApiOptions,
  stopped: AbortSignal,
): void {
  const feeds = new Map<string, Feed>();
  app.openapi(route, (c) => {
    const query = traceQuery(c.req.valid('query'), now());
    const feed = feedOf(feeds, c.req.header('Last-Event-ID'), now());
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      const ended = new AbortController();
      const end = () => ended.abort();
      stream.onAbort(end);
      c.req.raw.signal.addEventListener('abort', end);
      stopped.addEventListener('abort', end);
      if (stopped.aborted) end();
      try {
        await follow(stream, store, query, feed, ended.signal, log);
      } finally {
        stopped.removeEventListener('abort', end);
        feed.goneAt = now();
        feeds.set(feed.id, feed);
        forget(feeds, now());
      }
    }) as never;
  });
}

async function follow(
  stream: SSEStreamingApi,
  store: TraceStore,
  query: TraceQuery,
  feed: Feed,
  ended: AbortSignal,
  log: ApiOptions['log'],
): Promise<void> {
  await stream.write(': here\n\n');
  let spoke = Date.now();
  while (!ended.aborted) {
    try {
      const fresh = await arrivedSince(store, query, feed, ended);
      const receivedAt = new Map(fresh.map(({ traceId, received }) => [traceId, received]));
      for (const trace of await store.summaries([...receivedAt.keys()], query, { abort: ended })) {
        const received = receivedAt.get(trace.traceId)!;
        remember(feed, trace.traceId, { received, number: ++feed.count });
        const id = `${feed.id}.${feed.count}.${received}`;
        await stream.writeSSE({ event: 'trace', id, data: JSON.stringify(summaryJson(trace)) });
        spoke = Date.now();
      }
    } catch (error) {
      if (ended.aborted) return;
      log.warn('a live search waits for the store', { error: String(error) });
    }
    if (Date.now() - spoke >= heartbeatMs) {
      await stream.write(': still here\n\n');
      spoke = Date.now();
    }
    await pause(pollMs, ended);
  }
}

/** Traces that the client has not seen. What a new feed finds first was searchable before, so it is no news. */
async function arrivedSince(
  store: TraceStore,
  query: TraceQuery,
  feed: Feed,
  abort: AbortSignal,
): Promise<Arrival[]> {
  const except = [...feed.sent].filter(([, { received }]) => received >= feed.since).map(([id]) => id);
  const limit = feed.begun ? mostAtOnce : mostRemembered;
  const found = await store.arrivals(query, { since: feed.since, except, limit }, { abort });
  const fresh = feed.begun ? found.filter(({ traceId }) => !feed.sent.has(traceId)) : [];
  const isFresh = new Set(fresh.map(({ traceId }) => traceId));
  for (const { traceId, received } of found)
    if (!isFresh.has(traceId))
      remember(feed, traceId, { received, number: feed.sent.get(traceId)?.number ?? 0 });
  feed.begun = true;
  return fresh;
}

function remember(feed: Feed, id: TraceId, sent: Sent): void {
  feed.sent.delete(id);
  feed.sent.set(id, sent);
  feed.since = Math.max(feed.since, sent.received - lateS);
  for (const oldest of feed.sent.keys()) {
    if (feed.sent.size <= mostRemembered) break;
    feed.sent.delete(oldest);
  }
}

/**
 * The feed that an event id names, from that event on; where it is not known any more, one from the time that the id
 * says; or a new one.
 */
function feedOf(feeds: Map<string, Feed>, lastEventId: string | undefined, nowMs: number): Feed {
  const [id, number, second] = (lastEventId ?? '').split('.');
  const known = feeds.get(id!);
  if (known) {
    feeds.delete(known.id);
    rewind(known, Number(number));
    return known;
  }
  const resumed = /^\d{1,10}$/.test(second ?? '');
  const since = resumed ? Number(second) : Math.floor(nowMs / 1000) - lateS;
  return { id: randomUUID(), sent: new Map(), count: 0, since, goneAt: 0, begun: resumed };
}

/** What was sent after event `number` did not reach the client. */
function rewind(feed: Feed, number: number): void {
  for (const [id, sent] of feed.sent) {
    if (sent.number <= number) continue;
    feed.sent.delete(id);
    feed.since = Math.min(feed.since, sent.received);
  }
}

function forget(feeds: Map<string, Feed>, nowMs: number): void {
  for (const { id, goneAt } of feeds.values())
    if (goneAt < nowMs - keepMs || feeds.size > mostKept) feeds.delete(id);
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ended.addEventListener('abort', done);
    if (ended.aborted) done();
  });
}
