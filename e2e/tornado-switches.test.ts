import { connect } from '@nats-io/transport-node';
import { startNats } from 'throughline-brokers';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { spanNamed, traceOnce, treeOf } from './support/telemetry-receiver.ts';
import { equals, filter, rule, ruleset, action } from './support/tornado-rules.ts';
import { TornadoTests } from './support/tornado-tests.ts';
import { push } from './support/tornado.ts';

const tests = new TornadoTests();

const apm = (on: boolean): Record<string, string> => ({
  CONFIG__LOGGER__TRACING_ELASTIC_APM__APM_OUTPUT: String(on),
});
const logger = '/api/v1_beta/runtime_config/logger';
/** One rule, so that trees are short. */
const oneRule = filter(
  'root',
  {},
  ruleset('all', rule('log_all', {}, [action('logger', { type: '${event.type}' })])),
);

test('not sent: without a broker attempts to publish are seen, and nothing of the engine', async () => {
  const broker = await startNats();
  const port = Number(new URL(broker.url).port);
  const tornado = await tests.start({ nats: broker.url, rules: oneRule });
  await tornado.connected();
  await broker.stop();
  await tornado.webhook.logged('NatsPublisherActor - Connection to NATS lost');
  const traceId = await tornado.event('lost', {});
  const seen = await traceOnce(
    tests.sink,
    traceId,
    ({ spans }) => spans.filter(({ name }) => name.startsWith('Send Event')).length === 2,
  );
  expect(treeOf(seen.spans)).toBe(`tornado_webhook_collector: POST /event/monitoring
  tornado_webhook_collector: jmspath_collector
  tornado_webhook_collector: Send Event to NATS subject: alpha.tornado.events !
  tornado_webhook_collector: Send Event to NATS subject: alpha.tornado.events !
`);
  expect(seen.spans.at(-1)?.message).toBe('there is no connection to NATS');

  const again = await startNats({ port });
  const spans = await tests.traced(traceId);
  const process = spanNamed(spans, 'Process event');
  const sent = spans.find(({ spanId }) => spanId === process.parentSpanId);
  expect([sent?.name, sent?.error]).toEqual(['Send Event to NATS subject: alpha.tornado.events', false]);
  await tornado.stop();
  await again.stop();
}, 60_000);

test('not sent: while the engine is down events wait, and nothing is lost', async () => {
  const tornado = await tests.start({ rules: oneRule });
  await tornado.connected();
  await tornado.engine.stop();
  const traceId = await tornado.event('waits', {});
  const seen = await traceOnce(tests.sink, traceId, ({ spans }) => spans.length === 3);
  expect(spanNamed(seen.spans, 'Send Event to NATS subject: alpha.tornado.events')).toMatchObject({
    error: true,
    message: 'nobody listens to alpha.tornado.events',
  });
  await tornado.startEngine();
  const spans = await tests.traced(traceId);
  expect(spans.some(({ name }) => name === 'Execute Action: logger')).toBe(true);
}, 60_000);

test('too many requests: when as many events wait as may, the next one is refused', async () => {
  const broker = await startNats();
  const tornado = await tests.start({
    nats: broker.url,
    collectors: { CONFIG__WEBHOOK_COLLECTOR__MESSAGE_QUEUE_SIZE: '2' },
  });
  await tornado.connected();
  await broker.stop();
  await tornado.webhook.logged('NatsPublisherActor - Connection to NATS lost');
  const status = async () =>
    (await tornado.post('/event/github_test_repository?token=123456789', push())).status;
  expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  const metrics = await fetch(`http://127.0.0.1:${await tornado.webhook.port()}/v1/metrics/prometheus`);
  expect(await metrics.text()).toContain('\nevents_dropped 1\n');
});

test('with the export off at the collector the engine begins in the same trace, and nothing is missing', async () => {
  const tornado = await tests.start({ rules: oneRule, collectors: apm(false) });
  await tornado.connected();
  const traceId = await tornado.event('unsampled', {});
  const spans = await tests.traced(traceId);
  expect(treeOf(spans)).toMatch(/^tornado_engine: Process event\n {2}tornado_engine: Receive NATS event\n/);
  expect(spanNamed(spans, 'Process event').parentSpanId).toBeUndefined();
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tornado_engine']));
});

test('with the export off everywhere nothing is exported, and log lines still have the ids', async () => {
  const tornado = await tests.start({ rules: oneRule, collectors: apm(false), engine: apm(false) });
  await tornado.connected();
  const traceId = await tornado.event('quiet', {});
  const executed = await tornado.engine.logged('LoggerExecutor - received action');
  expect(executed.trace_id).toBe(traceId);
  expect((await tornado.webhook.logged(/^Received \d+ bytes/)).trace_id).toBe(traceId);
  await tornado.stop();
  expect(await tests.sink.trace(traceId)).toEqual({ spans: [], logs: [] });
});

test('the export is switched on and off while the engine runs', async () => {
  const tornado = await tests.start({ rules: oneRule, engine: apm(false) });
  await tornado.connected();
  const exported = async (type: string): Promise<boolean> => {
    const traceId = await tornado.event(type, {});
    await eventually(async () => tornado.engine.log.some((line) => line.action === `{"type":"${type}"}`));
    // What comes after it has been exported, so it would have been too.
    await tests.traced(traceId, 1, 'POST /event/monitoring');
    await new Promise((resolve) => setTimeout(resolve, 200));
    return (await tests.sink.trace(traceId)).spans.some(({ service }) => service === 'tornado_engine');
  };
  expect(await exported('one')).toBe(false);
  expect((await tornado.api('POST', `${logger}/apm`, { enabled: true })).status).toBe(200);
  expect(await exported('two')).toBe(true);
  expect((await tornado.api('POST', `${logger}/apm`, { enabled: false })).status).toBe(200);
  expect(await exported('three')).toBe(false);
  expect((await tornado.api('GET', logger)).body).toEqual({
    level: 'info,tornado=debug',
    stdout_enabled: true,
    apm_enabled: false,
  });
});

test('at level info there are the spans of level info and error alone', async () => {
  const tornado = await tests.start({ rules: oneRule });
  await tornado.connected();
  expect((await tornado.api('POST', `${logger}/level`, { level: 'warn,tornado=info' })).status).toBe(200);
  const spans = await tests.traced(await tornado.event('brief', {}));
  expect(treeOf(spans)).toBe(`tornado_webhook_collector: POST /event/monitoring
  tornado_webhook_collector: jmspath_collector
  tornado_webhook_collector: Send Event to NATS subject: alpha.tornado.events
    tornado_engine: Process event
      tornado_engine: Match against Processing Tree
      tornado_engine: Emit Actions of Filter: root
        tornado_engine: Emit Actions of Ruleset: all
          tornado_engine: Emit Actions of Rule: log_all
            tornado_engine: Emit Action: logger
              tornado_engine: Execute Action: logger
`);
  expect((await tornado.api('POST', `${logger}/level`, { level: 'loud' })).status).toBe(400);
  const priority = await tornado.api('POST', `${logger}/set_apm_priority_configuration`, {});
  expect(priority.status).toBe(200);
  expect((await tornado.api('GET', logger)).body).toEqual({
    level: 'info,tornado=debug',
    stdout_enabled: false,
    apm_enabled: true,
  });
});

test('over TCP a trace is whole; compared with the original, which sends no context, it breaks there', async () => {
  const tornado = await tests.start({ rules: oneRule }, []);
  const tree = async (trace_context: boolean): Promise<string> => {
    const collector = await tornado.startCollector('rsyslog', {
      CONFIG__RSYSLOG_COLLECTOR__TORNADO_CONNECTION_CHANNEL__TRACE_CONTEXT: String(trace_context),
    });
    collector.write(`${JSON.stringify({ message: 'hello' })}\n`);
    const names = ['Collect rsyslog Event', 'TcpClientActor', 'From tcp'];
    const [first, , last] = await eventually(async () => {
      const found = names.map((name) => tests.sink.all.spans.find((span) => span.name === name));
      return found.every((span) => span !== undefined) && found;
    });
    await collector.stop();
    const spans = tests.sink.all.spans.splice(0).filter(({ name }) => names.includes(name));
    const tops = treeOf(spans.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)));
    return `${tops}one trace: ${first?.traceId === last?.traceId}`;
  };
  expect(await tree(true)).toBe(`tornado_rsyslog_collector: Collect rsyslog Event
  tornado_rsyslog_collector: TcpClientActor
    tornado_engine: From tcp
one trace: true`);
  expect(await tree(false)).toBe(`tornado_rsyslog_collector: Collect rsyslog Event
  tornado_rsyslog_collector: TcpClientActor
tornado_engine: From tcp
one trace: false`);
});

test('the tenant filters see what the subject says', async () => {
  const rules = filter(
    'root',
    {},
    filter('beta', equals('${event.metadata.tenant_id}', 'beta'), ruleset('r', rule('beta_only', {}, []))),
  );
  const tornado = await tests.start({ rules });
  await tornado.connected();
  const client = await connect({ servers: tests.nats });
  client.publish('gamma.tornado.events', '{"type":"x","created_ms":1,"payload":{}}');
  client.publish('beta.tornado.events', '{"type":"y","created_ms":1,"payload":{}}');
  await client.drain();
  const processed = await eventually(async () => {
    const { spans } = tests.sink.all;
    return spans.some(({ name }) => name === 'Process Rule: beta_only') && spans;
  });
  const tenants = processed.flatMap(({ name, attributes }) =>
    name === 'Process event'
      ? [`${String(attributes['event.type'])} ${String(attributes['tenant_id'])}`]
      : [],
  );
  expect(tenants).toEqual(expect.arrayContaining(['x gamma', 'y beta']));
});
