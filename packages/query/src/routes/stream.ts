import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { TraceId } from '@throughline/model';
import type { TraceQuery, TraceStore } from '@throughline/store';
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

/** What a client has been sent, kept a while after it went away. */
interface Feed {
  readonly id: string;
  /** The traces sent, with the seconds since 1970 of their latest arrival, latest last. */
  readonly sent: Map<TraceId, number>;
  /** Seconds since 1970: all that was received before has been looked at. */
  since: number;
  goneAt: number;
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
      const recent = [...feed.sent].filter(([, received]) => received >= feed.since);
      const except = new Set(recent.map(([id]) => id));
      for (const { received, trace } of await store.arrivals(query, feed.since, except, { abort: ended })) {
        const known = feed.sent.delete(trace.traceId);
        feed.sent.set(trace.traceId, received);
        feed.since = Math.max(feed.since, received - lateS);
        if (known) continue;
        await stream.writeSSE({
          event: 'trace',
          id: `${feed.id}.${received}`,
          data: JSON.stringify(summaryJson(trace)),
        });
        spoke = Date.now();
      }
      for (const id of feed.sent.keys()) if (feed.sent.size > mostRemembered) feed.sent.delete(id);
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

/** The feed that an event id names; where it is not known any more, one from the time that the id says; or a new one. */
function feedOf(feeds: Map<string, Feed>, lastEventId: string | undefined, nowMs: number): Feed {
  const [id, second] = (lastEventId ?? '').split('.');
  const known = feeds.get(id!);
  if (known) {
    feeds.delete(known.id);
    return known;
  }
  const since = /^\d{1,10}$/.test(second ?? '') ? Number(second) : Math.floor(nowMs / 1000) - 2;
  return { id: randomUUID(), sent: new Map(), since, goneAt: 0 };
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
