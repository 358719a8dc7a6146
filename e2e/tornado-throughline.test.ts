import type { ServiceMap, TraceSummary } from '@throughline/query/api';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';
import { TornadoTests } from './support/tornado-tests.ts';
import { push } from './support/tornado.ts';

// The example with its own rules, and the traces that it makes, as the built program shows them.

const tests = new TornadoTests();
type Receiver = Awaited<ReturnType<typeof throughlineReceiver>>;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await throughlineReceiver();
});
afterAll(() => receiver?.close());

async function api<T>(path: string, query: Record<string, string | object> = {}): Promise<T> {
  const url = new URL(`/throughline/v1/${path}`, receiver.program.url('UI and API'));
  for (const [name, value] of Object.entries(query))
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Ids of the traces that a search finds, once it finds some. */
const found = (query: Record<string, string | object>): Promise<string[]> =>
  eventually(async () => {
    const { traces } = await api<{ traces: TraceSummary[] }>('traces', query);
    return traces.length > 0 && traces.map((trace) => trace.trace_id);
  });

test('the three questions are answered by a search each: not sent, not matched, action failed', async () => {
  const tornado = await tests.start({ environment: receiver.environment, rules: 'sample' });
  await tornado.connected();
  const url = '/event/github_test_repository?token=123456789';
  const matched = await tornado.post(url, push('refs/heads/release-1'));
  const notMatched = await tornado.event('heartbeat', {});
  const failed = await tornado.event('service_down', { service: 'pager', failures: 0, ticket: 'T1' });
  const engine = { service: 'tornado_engine' };

  expect(await found({ ...engine, operation: 'Execute Action: script', status: 'error' })).toEqual([failed]);
  const none = [{ key: 'rules.matched.count', op: '=', value: 0 }];
  expect(await found({ ...engine, operation: 'Match against Processing Tree', conditions: none })).toEqual([
    notMatched,
  ]);
  expect(await found({ ...engine, text: 'Execute Action: logger' })).toContain(matched.traceId);

  await tornado.engine.stop();
  const notSent = await tornado.event('heartbeat', {});
  const sending = { service: 'tornado_webhook_collector', kind: 'producer', status: 'error' };
  expect(await found(sending)).toEqual([notSent]);
  const { spans } = await receiver.trace(notSent);
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tornado_webhook_collector']));
});

test('services are on the map with the subject between them, and a trace has the log lines of both', async () => {
  const tornado = await tests.start({ environment: receiver.environment, rules: 'sample' });
  await tornado.connected();
  const traceId = await tornado.event('heartbeat', {});
  const { logs } = await eventually(async () => {
    const received = await receiver.trace(traceId);
    return received.logs.some(({ service }) => service === 'tornado_engine') && received;
  });
  const webhook = logs.find(({ service }) => service === 'tornado_webhook_collector');
  expect(webhook?.body).toMatch(/^Received \d+ bytes on webhook \[monitoring\]$/);
  const edges = await eventually(async () => {
    const map = await api<ServiceMap>('service-map');
    const all = map.edges.map(({ from, to }) => `${from} -> ${to}`);
    return all.length >= 2 && all;
  });
  expect(edges).toEqual(
    expect.arrayContaining([
      'tornado_webhook_collector -> topic:nats alpha.tornado.events',
      'topic:nats alpha.tornado.events -> tornado_engine',
    ]),
  );
});

test('the example runs as a whole, and ends when it is told to', async () => {
  await buildOnce();
  const run = spawn(process.execPath, [join(repository, 'examples', 'tornado', 'dist', 'run.js')], {
    env: { PATH: process.env['PATH'], ...receiver.environment, TRAFFIC_EVERY_MS: '20' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(run.stdout).on('line', (line) => lines.push(line));
  const ended = new Promise((resolve) => run.once('exit', resolve));
  try {
    await eventually(async () => {
      const { services } = await api<{ services: { name: string }[] }>('services');
      const names = services.map(({ name }) => name);
      return ['email', 'nats_json', 'rsyslog', 'webhook'].every((each) =>
        names.includes(`tornado_${each}_collector`),
      );
    }, 30_000);
    expect(await found({ service: 'document_store' })).not.toEqual([]);
    expect(lines.join('\n')).toContain('tornado: webhooks at http://127.0.0.1:');
  } finally {
    run.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
}, 60_000);
