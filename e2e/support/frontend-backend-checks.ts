import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakdown } from '../../examples/frontend-backend/src/breakdown.ts';
import { Example, type Service } from './frontend-backend.ts';
import {
  type Received,
  type SeenSpan,
  type TelemetryReceiver,
  durationMs,
  spanNamed,
  traceOnce,
  treeOf,
} from './telemetry-receiver.ts';

type Own = Parameters<typeof Example.start>[1];

/** Spans of a request over a new connection, with TLS one more; and over a kept one. */
const overNew = 9;
const overKept = 7;
const network = ['http.dns', 'http.connect', 'http.tls', 'http.headers', 'http.send', 'http.receive'];
const steps = [...network, 'backend call received'];

/**
 * What the example must show, each a sentence: seen in the telemetry that `open`'s receiver got from both services,
 * which run as processes of their own with `environment`.
 */
export function frontendBackendChecks(
  open: () => Promise<TelemetryReceiver>,
  environment: Record<string, string> = {},
): void {
  let receiver: TelemetryReceiver;
  let tls: Record<string, string>;
  let folder: string;
  const running: Example[] = [];

  beforeAll(async () => {
    receiver = await open();
    folder = mkdtempSync(join(tmpdir(), 'frontend-backend-test-'));
    tls = await certificate(folder);
  });
  const stopAll = async (): Promise<void> => {
    for (const example of running.splice(0)) await example.stop();
  };
  afterEach(stopAll);
  afterAll(async () => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
    await receiver.close();
  });

  async function start(both: Record<string, string> = {}, own: Own = {}): Promise<Example> {
    const example = await Example.start({ ...receiver.environment, ...environment, ...both }, own);
    running.push(example);
    return example;
  }

  const startTls = (both: Record<string, string> = {}): Promise<Example> =>
    start({ ...tls, ...both }, { scheme: 'https' });

  const traced = (traceId: string, spans: number, logs = 0): Promise<Received> =>
    traceOnce(receiver, traceId, (all) => all.spans.length >= spans && all.logs.length >= logs);

  test('a request is answered, and is one trace over both services', async () => {
    const example = await start();
    const { status, body, traceId } = await example.get();
    expect([status, body]).toEqual([200, 'hello from the backend\n']);
    expect((await example.get('//?slow_handler=1')).status).toBe(200);
    const { spans } = await traced(traceId, overNew);
    expect([...new Set(spans.map((span) => span.service))].toSorted()).toEqual(['backend', 'frontend']);
  });

  test('the first request shows each step of the network', async () => {
    const { spans } = await traced((await (await start()).get()).traceId, overNew);
    expect(treeOf(ofFrontend(spans))).toBe(`frontend: incoming call
  frontend: backend call
    frontend: http.getconn
    frontend: http.dns
    frontend: http.connect
    frontend: http.headers
    frontend: http.send
    frontend: http.receive
`);
    expect(spanNamed(spans, 'backend call received').parentSpanId).toBe(
      spanNamed(spans, 'backend call').spanId,
    );
  });

  test('the first request over https shows TLS too', async () => {
    const { spans } = await traced((await (await startTls()).get()).traceId, overNew + 1);
    expect(treeOf(spans)).toContain(`
    frontend: http.connect
    frontend: http.tls
    frontend: http.headers
`);
  });

  test("the backend's span is the child of the call, as a span of another process", async () => {
    const { spans } = await traced((await (await start()).get()).traceId, overNew);
    const received = spanNamed(spans, 'backend call received');
    const call = spanNamed(spans, 'backend call');
    expect(received.parentSpanId).toBe(call.spanId);
    expect(received.remoteParent).toBe(true);
    expect(call.remoteParent).toBe(false);
    expect(received.attributes['http.url']).toBe('/');
  });

  test('the events are on their spans, at times inside them', async () => {
    const { spans } = await traced((await (await start()).get()).traceId, overNew);
    const expected = {
      'backend call': 'making backend call',
      'backend call received': 'handling backend call',
    };
    for (const [name, event] of Object.entries(expected)) {
      const span = spanNamed(spans, name);
      expect(span.events.map((each) => each.name)).toEqual([event]);
      for (const { time } of span.events) expect(time >= span.start && time <= span.end).toBe(true);
    }
  });

  test('requests over the kept connection open nothing, and say that it is reused', async () => {
    const example = await start();
    await example.get();
    const waits: number[] = [];
    for (const { traceId } of [await example.get(), await example.get()]) {
      const { spans } = await traced(traceId, overKept);
      const names = spans.map((span) => span.name);
      for (const opening of ['http.dns', 'http.connect', 'http.tls']) expect(names).not.toContain(opening);
      const getconn = spanNamed(spans, 'http.getconn');
      expect(getconn.attributes['http.conn.reused']).toBe(true);
      waits.push(durationMs(getconn));
    }
    expect(Math.min(...waits)).toBeLessThan(5);
  });

  test('each address tried is shown, the refused one with its error, and nothing else is failed', async () => {
    const example = await start({}, { frontend: { BACKEND_ADDRESSES: '::1,127.0.0.1' } });
    const { status, traceId } = await example.get();
    expect(status).toBe(200);
    const { spans } = await traced(traceId, overNew + 1);
    const port = await example.backend.port;
    const connects = spans.filter((span) => span.name === 'http.connect');
    expect(connects.map((span) => [span.attributes['http.remote'], span.error])).toEqual([
      [`[::1]:${port}`, true],
      [`127.0.0.1:${port}`, false],
    ]);
    expect(connects[0]?.message).toContain('ECONNREFUSED');
    expect(spans.filter((span) => span.error)).toHaveLength(1);
    const nowhere = await traced((await example.get('/?fail=dns')).traceId, 4);
    expect(spanNamed(nowhere.spans, 'http.dns').error).toBe(true);
  });

  test('the steps of opening a connection nest under the wait for it, and no child outlives its parent', async () => {
    const example = await startTls({ THROUGHLINE_NETWORK_PHASES: 'nested' });
    const { spans } = await traced((await example.get()).traceId, overNew + 1);
    expect(treeOf(ofFrontend(spans))).toBe(`frontend: incoming call
  frontend: backend call
    frontend: http.getconn
      frontend: http.dns
      frontend: http.connect
      frontend: http.tls
    frontend: http.headers
    frontend: http.send
    frontend: http.receive
`);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of ofFrontend(spans)) {
      const parent = byId.get(span.parentSpanId ?? '');
      if (parent) expect(span.start >= parent.start && span.end <= parent.end, span.name).toBe(true);
    }
  });

  describe('a delay lengthens its own span and no other', () => {
    const delayMs = 200;
    let ordinary: Map<string, number>;

    /** The shortest time of each step over some requests, each over a new connection: what the machine adds, less. */
    async function shortest(
      query: string,
      both: Record<string, string>,
      enough: (found: Map<string, number>) => boolean = () => true,
    ): Promise<Map<string, number>> {
      const example = await startTls(both);
      const found = new Map<string, number>();
      for (let i = 0; i < 6 || (i < 30 && !enough(found)); i++) {
        const { traceId } = await example.get(`/?slow_dns=1${query}`);
        const { spans } = await traced(traceId, overNew + 1);
        for (const name of steps) {
          const ms = durationMs(spanNamed(spans, name));
          found.set(name, Math.min(ms, found.get(name) ?? ms));
        }
      }
      return found;
    }

    beforeAll(async () => {
      ordinary = await shortest('', {});
    });

    const slow: Record<string, [step: string, query: string, environment: Record<string, string>]> = {
      'in the name resolution': ['http.dns', `&slow_dns=${delayMs + 1}`, {}],
      'in the TLS handshake': ['http.tls', '', { SLOW_TLS_MS: String(delayMs) }],
      'in the handler': ['backend call received', `&slow_handler=${delayMs}`, {}],
      'in the body': ['http.receive', `&slow_body=${delayMs}`, {}],
    };
    for (const [where, [own, query, both]] of Object.entries(slow)) {
      test(where, async () => {
        const off = (found: Map<string, number>): Map<string, number> =>
          new Map(
            [...found].map(([step, ms]) => [
              step,
              Math.abs(ms - (ordinary.get(step) ?? 0) - (step === own ? delayMs : 0)),
            ]),
          );
        const enough = (found: Map<string, number>): boolean => Math.max(...off(found).values()) < 20;
        for (const [step, ms] of off(await shortest(query, both, enough))) expect(ms, step).toBeLessThan(20);
      });
    }
  });

  // The operating system keeps a connection waiting when no more may wait to be accepted; others than Linux refuse it.
  test.skipIf(process.platform !== 'linux')(
    'a slow accept lengthens the connect and no other step',
    async () => {
      const example = await start({ BACKLOG: '1', BACKEND_TIMEOUT_MS: '20000' });
      const port = await example.backend.port;
      example.backend.freeze(true);
      const queue = await fillQueue(port);
      const asked = example.get('/');
      await new Promise((resolve) => setTimeout(resolve, 300));
      example.backend.freeze(false);
      const { spans } = await traced((await asked).traceId, overNew);
      for (const socket of queue) socket.destroy();
      expect(durationMs(spanNamed(spans, 'http.connect'))).toBeGreaterThan(300);
      expect(durationMs(spanNamed(spans, 'http.getconn'))).toBeGreaterThan(300);
      for (const name of steps.filter((step) => step !== 'http.connect' && step !== 'http.tls'))
        expect(durationMs(spanNamed(spans, name)), name).toBeLessThan(150);
    },
  );

  test('the time is shared out among frontend, network and backend, and nothing is left over', async () => {
    const example = await start();
    const { spans } = await traced((await example.get('/?slow_handler=50&slow_body=80')).traceId, overNew);
    const parts = breakdown(spans.map(({ name, start, end }) => ({ name, duration: Number(end - start) })));
    expect(parts?.total).toBeCloseTo(durationMs(spanNamed(spans, 'incoming call')), 6);
    const { total = 0, frontend = 0, network = 0, backend = 0 } = parts ?? {};
    expect(frontend + network + backend).toBeCloseTo(total, 6);
    expect(backend).toBeGreaterThanOrEqual(49);
    expect(network).toBeGreaterThanOrEqual(79);
    expect(frontend).toBeGreaterThan(0);
  });

  describe('a backend that fails is answered with 502, and the trace says where', () => {
    const failures: Record<string, [phase: string, path: string, spans: number]> = {
      'a refused connection': ['http.connect', '/?fail=refused', 5],
      'a name that does not exist': ['http.dns', '/?fail=dns', 4],
      'a connection broken off': ['http.receive', '/?fail=reset', overNew],
      'no answer in time': ['http.receive', '/?slow_handler=600', overNew],
    };
    for (const [what, [phase, path, count]] of Object.entries(failures)) {
      test(what, async () => {
        const example = await start({ BACKEND_TIMEOUT_MS: '200' });
        const { status, traceId } = await example.get(path);
        expect(status).toBe(502);
        const { spans } = await traced(traceId, count);
        expect(spanNamed(spans, phase)).toMatchObject({ error: true, message: expect.stringMatching(/./) });
        expect(spanNamed(spans, 'backend call').error).toBe(true);
        expect(spanNamed(spans, 'incoming call').parentSpanId).toBeUndefined();
        expect((await example.get()).status).toBe(200);
      });
    }
  });

  test('an export that blocks inflates the picture, a batch does not', async () => {
    const blocking = { EXPORT: 'blocking', EXPORT_DELAY_MS: '300', BACKEND_TIMEOUT_MS: '20000' };
    const inflated = await start({}, { frontend: blocking });
    const batched = await start();
    const [slow, fast] = [await inflated.get(), await batched.get()];
    const whole = async (traceId: string): Promise<SeenSpan[]> => (await traced(traceId, overNew)).spans;
    const [slowSpans, fastSpans] = [await whole(slow.traceId), await whole(fast.traceId)];
    const inflation = (name: string): number =>
      durationMs(spanNamed(slowSpans, name)) - durationMs(spanNamed(fastSpans, name));
    // Name, connection, wait, headers, sending and reception end inside; the first two inside the wait.
    expect(inflation('incoming call')).toBeGreaterThan(6 * 300 - 100);
    expect(inflation('http.getconn')).toBeGreaterThan(2 * 300 - 100);
  });

  test('every span that is started is exported, the writing of the headers too', async () => {
    const example = await start({ BACKEND_TIMEOUT_MS: '200' });
    const paths = ['/', '/', '/?fail=refused', '/?fail=dns', '/?fail=reset', '/?slow_handler=400', '/'];
    const traceIds: string[] = [];
    for (const path of paths) traceIds.push((await example.get(path)).traceId);
    const { spans } = await traced(traceIds[0] ?? '', overNew);
    expect(durationMs(spanNamed(spans, 'http.headers'))).toBeGreaterThan(0);
    await example.stop();
    const counts = [countsOf(example.frontend), countsOf(example.backend)];
    for (const { started, ended, exported, dropped } of counts)
      expect([ended, exported, dropped]).toEqual([started, started, 0]);
    const started = counts.reduce((sum, each) => sum + each.started, 0);
    const received = await spansOf(traceIds, started);
    expect(received).toHaveLength(started);
  });

  test('all traces are recorded by default; of a quarter, both services agree which', async () => {
    const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    for (const [env, least, most] of [
      [{}, 30, 30],
      [sampler, 1, 22],
    ] as const) {
      const example = await start(env);
      const traceIds: string[] = [];
      for (let i = 0; i < 30; i++) traceIds.push((await example.get()).traceId);
      await example.stop();
      const exported = countsOf(example.frontend).exported + countsOf(example.backend).exported;
      const spans = await spansOf(traceIds, exported);
      const recorded = new Set(spans.map((span) => span.traceId));
      for (const traceId of recorded) {
        const names = spans.filter((span) => span.traceId === traceId).map((span) => span.name);
        for (const name of ['incoming call', 'backend call', 'http.receive', 'backend call received'])
          expect(names).toContain(name);
      }
      expect(recorded.size).toBeGreaterThanOrEqual(least);
      expect(recorded.size).toBeLessThanOrEqual(most);
    }
  });

  test("the caller's trace is continued; with the switch it is not", async () => {
    const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const headers = { traceparent: `00-${caller.traceId}-${caller.spanId}-01` };
    const { traceId } = await (await start()).get('/', headers);
    expect(traceId).toBe(caller.traceId);
    const { spans } = await traced(traceId, overNew);
    expect(spanNamed(spans, 'incoming call').parentSpanId).toBe(caller.spanId);

    const ignoring = await (await start({ INBOUND_CONTEXT: 'ignore' })).get('/', headers);
    expect(ignoring.traceId).not.toBe(caller.traceId);
    const { spans: own } = await traced(ignoring.traceId, overNew);
    expect(spanNamed(own, 'incoming call').parentSpanId).toBeUndefined();
  });

  test('log lines carry their span, and are in the trace at their time', async () => {
    const example = await start();
    const { traceId } = await example.get();
    const { spans, logs } = await traced(traceId, overNew, 3);
    const expected = {
      'Sending request…': 'backend call',
      'backend call received': 'backend call received',
      'got response: 200': 'backend call',
    };
    expect(logs.map((log) => log.body)).toEqual(Object.keys(expected));
    for (const log of logs) {
      const span = spanNamed(spans, expected[log.body as keyof typeof expected]);
      expect(log.spanId).toBe(span.spanId);
      expect(log.time >= span.start && log.time <= span.end, log.body).toBe(true);
    }
    const lines = [...example.frontend.log, ...example.backend.log].filter(
      (line) => line.trace_id === traceId,
    );
    const written = new Map(lines.map((line) => [line.msg, line.span_id]));
    expect(written).toEqual(new Map(logs.map((log) => [log.body, log.spanId])));
  });

  /** The spans of these traces, once there are `count`. */
  async function spansOf(traceIds: readonly string[], count: number): Promise<SeenSpan[]> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const all = await Promise.all(traceIds.map((each) => receiver.trace(each)));
      const spans = all.flatMap((each) => each.spans);
      if (spans.length >= count || Date.now() > deadline) return spans;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Connects to `port`, where nobody accepts, until the operating system lets one wait. */
async function fillQueue(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let connected = true; connected && sockets.length < 20;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      setTimeout(resolve, 500, false);
    });
  }
  return sockets;
}

/** Without the backend's, which may begin a moment before the frontend knows that it has sent all. */
const ofFrontend = (spans: readonly SeenSpan[]): SeenSpan[] =>
  spans.filter((span) => span.service === 'frontend');

function countsOf(service: Service): { started: number; ended: number; exported: number; dropped: number } {
  const counts = service.log.find((line) => line.spans)?.spans;
  if (!counts) throw new Error('the service did not say what became of its spans');
  return counts;
}

async function certificate(folder: string): Promise<Record<string, string>> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const files = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') };
  writeFileSync(files.TLS_CERT, cert);
  writeFileSync(files.TLS_KEY, key);
  return { ...files, TLS_CA: files.TLS_CERT };
}
