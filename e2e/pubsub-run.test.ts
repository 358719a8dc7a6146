import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startRedis } from 'throughline-brokers';
import { orMissing } from 'throughline-brokers/testing';
import { launchBrowser, openPage } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { Process, hello, requestTree, serverTree, treeByName } from './support/pubsub.ts';
import { type SeenSpan, spanNamed, traceOnce } from './support/telemetry-receiver.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { openTrace, rowOf, shownTree } from './support/ui-trace-page.ts';

let redis: Broker | undefined;
let missing: string;

beforeAll(async () => {
  ({ broker: redis, missing } = await orMissing(startRedis));
});
afterAll(() => redis?.stop());

interface Summary {
  trace_id: string;
  root_operation: string;
  spans: number;
}

/** The traces in which the client takes part. */
async function tracesOfClient(api: URL): Promise<Summary[]> {
  const response = await fetch(new URL('/throughline/v1/traces?service=client&limit=100', api));
  return ((await response.json()) as { traces: Summary[] }).traces;
}

const spansOf = async (api: URL, traceId: string): Promise<unknown> => {
  const { spans } = (await (await fetch(new URL(`/throughline/v1/traces/${traceId}`, api))).json()) as {
    spans: { span_id: string; received?: unknown }[];
  };
  return spans.toSorted((a, b) => (a.span_id < b.span_id ? -1 : 1));
};

describe('one command', () => {
  let run: Process;
  let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
  let one: URL;
  let two: URL;
  let summaries: Summary[];

  beforeAll(async () => {
    if (!redis) return;
    await buildUiOnce();
    receiver = await throughlineReceiver();
    run = await Process.start('run', {
      ...receiver.environment,
      REDIS_URL: redis.url,
      LOGS: '1',
      TRAFFIC_EVERY_MS: '600000',
      RESTART_MS: '500',
      SERVER_PORT: '',
    });
    one = new URL(receiver.program.url('UI and API'));
    const [, second] = await eventually(
      async () => /the second backend is at (\S+)/.exec(run.stdout) ?? undefined,
      30_000,
    );
    two = new URL(second!);
    await run.said(/^done$/);
    summaries = await eventually(async () => {
      const traces = await tracesOfClient(one);
      return traces.reduce((sum, { spans }) => sum + spans, 0) === 5 * 9 + 2 && traces;
    }, 20_000);
  }, 90_000);
  afterAll(async () => {
    await run?.stop();
    await receiver?.close();
  });

  const whole = (name: string, body: () => Promise<void>) =>
    test(name, async (context) => {
      if (!redis) return context.skip(missing);
      await body();
    });

  whole('brings up all services, and the client ends well', async () => {
    const { spans } = run.log().find(({ name, msg }) => name === 'client' && msg === 'done')!;
    expect(spans).toMatchObject({ started: 12, ended: 12, exported: 12, dropped: 0, pending: 0 });
    expect(run.running).toBe(true);
  });

  whole('makes exactly seven traces of the client: a wait, five requests, an error', async () => {
    expect(summaries.map(({ root_operation: name, spans }) => `${name} ${spans}`).toSorted()).toEqual([
      'example error 1',
      ...Array<string>(5).fill('make request 9'),
      'wait for server 1',
    ]);
  });

  const requests = async (): Promise<SeenSpan[][]> => {
    const ids = summaries.filter(({ spans }) => spans === 9).map((summary) => summary.trace_id);
    return Promise.all(ids.map(async (id) => (await receiver.trace(id)).spans));
  };

  whole('shows each request as nine spans of three services, seven deep', async () => {
    for (const spans of await requests()) {
      expect(treeByName(spans)).toBe(requestTree);
      expect(Object.fromEntries(spans.map(({ name, kind }) => [name, kind]))).toEqual({
        'make request': 'internal',
        GET: 'client',
        '/hello': 'server',
        'handle request': 'internal',
        'broker publish': 'producer',
        'redis.with_conn': 'internal',
        'redis.with_writer': 'internal',
        'redis.with_reader': 'internal',
        work: 'consumer',
      });
      const deepest = requestTree.split('\n').map((line) => /^ */.exec(line)![0].length / 2 + 1);
      expect(Math.max(...deepest)).toBe(7);
    }
  });

  whole('shows where the time of a request goes', async () => {
    for (const spans of await requests()) {
      const ms = (name: string) => {
        const { start, end } = spanNamed(spans, name);
        return Number(end - start) / 1e6;
      };
      // Client, server and worker pause for 100 ms each, the first two one after the other.
      expect(ms('make request')).toBeGreaterThanOrEqual(199);
      expect(ms('/hello')).toBeGreaterThanOrEqual(99);
      expect(ms('handle request')).toBeLessThan(ms('/hello') - 90);
      expect(ms('work')).toBeGreaterThanOrEqual(99);
      const [publish, work] = [spanNamed(spans, 'broker publish'), spanNamed(spans, 'work')];
      expect(work.end).toBeGreaterThan(publish.end);
      expect([work.parentSpanId, work.remoteParent]).toEqual([publish.spanId, true]);
    }
  });

  whole(
    'shows the body, and the baggage that came over HTTP, on the server and not on the worker',
    async () => {
      for (const spans of await requests()) {
        expect(spanNamed(spans, 'make request').events.map(({ name }) => name)).toEqual(['hello, world']);
        const handled = spanNamed(spans, 'handle request');
        expect(handled.attributes).toMatchObject({ body: 'hello, world' });
        expect(handled.events).toMatchObject([
          { name: 'reading username baggage...', attributes: { username: 'donuts' } },
        ]);
        expect(spanNamed(spans, 'work').events).toEqual([]);
      }
    },
  );

  whole('shows the error as one', async () => {
    const { trace_id: id } = summaries.find(({ root_operation: name }) => name === 'example error')!;
    const { spans } = await receiver.trace(id);
    expect(spans).toMatchObject([
      {
        name: 'example error',
        error: true,
        message: 'fail entire span',
        events: [{ name: 'exception', attributes: { 'exception.message': 'example error' } }],
      },
    ]);
  });

  whole('is all on the screen: the tree of a request, and the error with its reason', async () => {
    const browser = await launchBrowser();
    try {
      const { page, errors } = await openPage(browser);
      const idOf = (operation: string) =>
        summaries.find(({ root_operation: name }) => name === operation)!.trace_id;
      await openTrace(page, one.origin, idOf('make request'));
      await rowOf(page, 'work').waitFor();
      const rows = (await shownTree(page))
        .split('\n')
        .filter((row) => /^ *(client|server|worker) /.test(row));
      expect(rows.map((row) => row.trimEnd()).join('\n')).toBe(`client make request
  client GET
    server /hello
      server handle request
        server broker publish
          server redis.with_conn
            server redis.with_writer
            server redis.with_reader
          worker work`);
      await openTrace(page, one.origin, idOf('example error'));
      await page.keyboard.press('e');
      await page.keyboard.press('Enter');
      const details = page.getByRole('region', { name: 'Span details' });
      await details.getByText('fail entire span').first().waitFor();
      await details.getByText('exception').first().waitFor();
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  whole('brings the very same traces to both backends', async () => {
    await eventually(async () => {
      const spans = (await tracesOfClient(two)).reduce((sum, trace) => sum + trace.spans, 0);
      return spans === 5 * 9 + 2;
    });
    expect((await tracesOfClient(two)).map(({ trace_id: id }) => id).toSorted()).toEqual(
      summaries.map(({ trace_id: id }) => id).toSorted(),
    );
    for (const { trace_id: id } of summaries) expect(await spansOf(two, id)).toEqual(await spansOf(one, id));
  });

  whole('starts again what is killed, and no trace is lost meanwhile', async () => {
    const [, url] = /try curl (\S+)/.exec(run.stdout)!;
    for (const part of ['collector.yaml', 'agent.yaml']) {
      run.killPart(part);
      const { status, traceId } = await hello(url!);
      expect(status).toBe(200);
      await traceOnce(receiver, traceId, (received) => received.spans.length === 7);
      expect(run.stdout).toContain(`${part.replace('.yaml', '')} was ended (SIGKILL)`);
    }
    run.killPart('worker.js');
    const { traceId } = await hello(url!);
    await traceOnce(receiver, traceId, (received) => received.spans.length === 6);
    await eventually(async () => {
      const again = await hello(url!);
      const { spans } = await traceOnce(receiver, again.traceId, (received) => received.spans.length >= 6);
      return spans.length === 7;
    });
  });

  whole('goes on being asked by hand, and ends when it is told to', async () => {
    const [, url] = /try curl (\S+)/.exec(run.stdout)!;
    const { status, traceId } = await hello(url!);
    expect(status).toBe(200);
    const { spans } = await traceOnce(receiver, traceId, (received) => received.spans.length === 7);
    expect(treeByName(spans)).toBe(serverTree);
    const begun = performance.now();
    await run.stop();
    expect(await run.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(5000);
    for (const { spans: counts, name } of run.log().filter(({ msg }) => msg === 'stopped'))
      expect([name, counts?.ended, counts?.exported]).toEqual([name, counts?.started, counts?.started]);
  });
});

test('direct mode is one setting, and gives the same traces', async (context) => {
  if (!redis) return context.skip(missing);
  const sink = await otlpSink(await freePort());
  const run = await Process.start('run', {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.environment['OTEL_EXPORTER_OTLP_ENDPOINT']!,
    DIRECT: '1',
    REDIS_URL: redis.url,
    LOGS: '1',
    TRAFFIC_EVERY_MS: '600000',
    SERVER_PORT: '',
  });
  try {
    await run.said(/^done$/);
    const requests = () => {
      const ids = sink.all.spans.filter(({ name }) => name === 'make request').map(({ traceId }) => traceId);
      return ids.map((id) => sink.all.spans.filter(({ traceId }) => traceId === id));
    };
    await eventually(async () => requests().filter((spans) => spans.length === 9).length === 5);
    expect(requests().map(treeByName)).toEqual(Array(5).fill(requestTree));
    expect(run.stdout).not.toContain('throughline');
  } finally {
    await run.stop();
    await sink.close();
  }
});
