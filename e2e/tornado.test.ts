import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Received, durationMs, spanNamed, traceOnce, treeOf } from './support/telemetry-receiver.ts';
import { TornadoTests, below } from './support/tornado-tests.ts';
import { type Tornado, push } from './support/tornado.ts';

const tests = new TornadoTests();

describe('an event on its way from a webhook to its actions', () => {
  let tornado: Tornado;
  beforeAll(async () => {
    tornado = (await tests.shared()) as Tornado;
  });
  afterAll(() => tornado?.stop());

  const pushed = (ref?: string) => tornado.post('/event/github_test_repository?token=123456789', push(ref));

  test('a webhook is answered with its id, and refused with the reason', async () => {
    const url = '/event/github_test_repository';
    const good = await pushed();
    expect([good.status, good.text]).toEqual([200, 'github_test_repository']);
    const status = async (path: string, body: unknown = push()) => (await tornado.post(path, body)).status;
    expect(await status(`${url}?token=wrong`)).toBe(401);
    expect(await status(url)).toBe(400);
    expect(await status('/event/unknown?token=123456789')).toBe(404);
    expect(await status('//')).toBe(404);
    expect(await status(`${url}?token=123456789`, { ...push(), padding: 'x'.repeat(100_000) })).toBe(413);
    // Not all of these fit into the buffers of a connection that nobody reads.
    const large = { ...push(), padding: 'x'.repeat(6_000_000) };
    for (let n = 0; n < 5; n++) expect(await status(`${url}?token=123456789`, large)).toBe(413);
    expect(await status(`${url}?token=123456789`, { ...push(), commits: [] })).toBe(500);
    expect(await status(`${url}?token=123456789`, 'no JSON')).toBe(500);
    const get = await fetch(`http://127.0.0.1:${await tornado.webhook.port()}${url}?token=123456789`);
    expect(get.status).toBe(405);
    expect(JSON.stringify(tornado.webhook.log)).not.toContain('wrong');
  });

  test('the span of a request that is refused is not failed, that of one that fails here is', async () => {
    const refused = await tornado.post('/event/github_test_repository?token=wrong', push());
    const failed = await tornado.post('/event/github_test_repository?token=123456789', {});
    const name = 'POST /event/github_test_repository';
    const tree = async (traceId: string) => treeOf(await tests.traced(traceId, 1, name));
    expect(await tree(refused.traceId)).toBe(`tornado_webhook_collector: ${name}\n`);
    expect(await tree(failed.traceId)).toBe(`tornado_webhook_collector: ${name} !
  tornado_webhook_collector: jmspath_collector !
`);
    const [span] = await tests.traced(refused.traceId, 1, name);
    expect(span?.kind).toBe('server');
    expect(span?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/event/github_test_repository',
      'http.response.status_code': 401,
    });
    expect(JSON.stringify(span?.attributes)).not.toContain('wrong');
  });

  test('the event on the broker carries the context of the span that sent it', async () => {
    const client = await connect({ servers: tests.nats });
    const subscription = client.subscribe('alpha.tornado.events', { max: 1 });
    await client.flush();
    const { traceId } = await pushed();
    const events: Record<string, unknown>[] = [];
    for await (const message of subscription) events.push(message.json());
    await client.close();
    const send = spanNamed(await tests.traced(traceId), 'Send Event to NATS subject: alpha.tornado.events');
    expect(events).toEqual([
      {
        type: 'somebody',
        created_ms: expect.any(Number),
        payload: {
          source: 'github',
          ref: 'refs/heads/main',
          repository_name: 'the_repository',
          files: ['README.md'],
        },
        metadata: {
          trace_context: {
            traceparent: expect.stringMatching(`^00-${traceId}-${send.spanId}-0[13]$`),
            tracestate: '',
          },
        },
      },
    ]);
  });

  test('a call is one trace over two services, from the producer to the engine', async () => {
    const spans = await tests.traced((await pushed()).traceId);
    expect(treeOf(spans)).toBe(`tornado_webhook_collector: POST /event/github_test_repository
  tornado_webhook_collector: jmspath_collector
  tornado_webhook_collector: Send Event to NATS subject: alpha.tornado.events
    tornado_engine: Process event
      tornado_engine: Receive NATS event
      tornado_engine: Match against Processing Tree
        tornado_engine: Process Filter: root
          tornado_engine: Process Filter: github
            tornado_engine: Process Ruleset: pushes
              tornado_engine: Process Rule: main_branch
                tornado_engine: Process Action: logger
              tornado_engine: Process Rule: release
          tornado_engine: Process Filter: scripts
          tornado_engine: Process Filter: broken
          tornado_engine: Process Filter: values
          tornado_engine: Process Filter: alpha
            tornado_engine: Process Ruleset: alpha_rules
              tornado_engine: Process Rule: alpha_log
          tornado_engine: Process Filter: beta
      tornado_engine: Emit matched Actions
        tornado_engine: Emit Actions of Filter: root
          tornado_engine: Emit Actions of Filter: github
            tornado_engine: Emit Actions of Ruleset: pushes
              tornado_engine: Emit Actions of Rule: main_branch
                tornado_engine: Emit Action: logger
                  tornado_engine: Execute Action: logger
                    tornado_engine: Extract parameters for Executor
              tornado_engine: Emit Actions of Rule: release
          tornado_engine: Emit Actions of Filter: scripts
          tornado_engine: Emit Actions of Filter: broken
          tornado_engine: Emit Actions of Filter: values
          tornado_engine: Emit Actions of Filter: alpha
            tornado_engine: Emit Actions of Ruleset: alpha_rules
              tornado_engine: Emit Actions of Rule: alpha_log
          tornado_engine: Emit Actions of Filter: beta
`);
    const send = spanNamed(spans, 'Send Event to NATS subject: alpha.tornado.events');
    const process = spanNamed(spans, 'Process event');
    expect([send.kind, process.kind, process.remoteParent]).toEqual(['producer', 'server', true]);
    expect(send.attributes['peer.service']).toBe('tornado_engine');
    expect(spanNamed(spans, 'Execute Action: logger').kind).toBe('consumer');
    expect(process.attributes['trace_id']).toBe(process.traceId);
  });

  test('not matched: there are the filters and rules that said no, and nothing is executed', async () => {
    const spans = await tests.traced((await pushed('refs/heads/topic')).traceId);
    expect(treeOf(below(spans, 'Process Filter: github'))).toBe(`tornado_engine: Process Filter: github
  tornado_engine: Process Ruleset: pushes
    tornado_engine: Process Rule: main_branch
    tornado_engine: Process Rule: release
`);
    expect(spanNamed(spans, 'Process Rule: release').attributes['status']).toBe('NotMatched');
    expect(spanNamed(spans, 'Process Filter: scripts').attributes['status']).toBe('NotMatched');
    expect(spans.filter(({ name }) => name.startsWith('Execute Action'))).toEqual([]);
    expect(spanNamed(spans, 'Match against Processing Tree').attributes['rules.matched.count']).toBe(0);
  });

  test('a script that fails twice is three attempts side by side, as far apart as the back-off says', async () => {
    const spans = await tests.traced(await tornado.event('script', { ticket: 'retries' }));
    expect(treeOf(below(spans, 'Emit Action: script'))).toBe(`tornado_engine: Emit Action: script
  tornado_engine: Execute Action: script !
    tornado_engine: Extract parameters for Executor
    tornado_engine: Execute script: [./fail-until.sh]. Args: ["retries",2] !
  tornado_engine: Execute Action: script !
    tornado_engine: Extract parameters for Executor
    tornado_engine: Execute script: [./fail-until.sh]. Args: ["retries",2] !
  tornado_engine: Execute Action: script
    tornado_engine: Extract parameters for Executor
    tornado_engine: Execute script: [./fail-until.sh]. Args: ["retries",2]
`);
    const attempts = spans.filter(({ name }) => name === 'Execute Action: script');
    expect(attempts.map(({ kind }) => kind)).toEqual(['consumer', 'consumer', 'consumer']);
    expect(attempts[0]?.message).toBe('script [./fail-until.sh] ended with 1: not yet');
    const [first, second, third] = attempts;
    const gaps = [gapMs(first!, second!), gapMs(second!, third!)];
    expect(gaps[0]).toBeGreaterThan(98);
    expect(gaps[0]).toBeLessThan(190);
    expect(gaps[1]).toBeGreaterThan(198);
    expect(gaps[1]).toBeLessThan(390);
    const process = spanNamed(spans, 'Process event');
    expect(attempts.every((span) => span.start >= process.start && span.end <= process.end)).toBe(true);
    expect(durationMs(process)).toBeGreaterThan(300);
    expect(process.error).toBe(false);
  });

  test('action failed: an error that no attempt can mend is one failed span with its reason', async () => {
    const traceId = await tornado.event('broken', {});
    const spans = await tests.traced(traceId);
    const executed = spanNamed(spans, 'Execute Action: script');
    expect([executed.error, executed.message]).toEqual([
      true,
      'the payload of the action has no text "script"',
    ]);
    const said = tornado.engine.log.filter((line) => line.trace_id === traceId).map((line) => line.msg);
    expect(said.filter((line) => line.includes('will not be retried'))).toHaveLength(1);
    expect(executed.events.map((event) => event.name)).toContain('exception');
  });

  test('foreach over three values with two actions is six executions under one span', async () => {
    const spans = await tests.traced(await tornado.event('values', { values: [1, 'two', { three: 3 }] }));
    const each = spanNamed(spans, 'Execute 2 Actions for 3 Values');
    const children = spans.filter(({ parentSpanId }) => parentSpanId === each.spanId);
    expect(children.map(({ name }) => name)).toEqual(Array(6).fill('Execute Action: logger'));
    const actions = tornado.engine.log.flatMap((line) =>
      line.trace_id === each.traceId ? (line.action ?? []) : [],
    );
    expect(actions).toEqual([
      '{"first":1}',
      '{"first":"two"}',
      '{"first":{"three":3}}',
      '{"second":"the value is 1"}',
      '{"second":"the value is two"}',
      '{"second":"the value is ${item}"}',
    ]);
  });

  test('log lines of collector and engine have the trace id, and are events of their spans', async () => {
    const { traceId } = await pushed();
    const spans = await tests.traced(traceId);
    const said = (log: { trace_id?: string; msg: string }[]) =>
      log.filter((line) => line.trace_id === traceId).map((line) => line.msg);
    expect(said(tornado.webhook.log)).toContainEqual(
      expect.stringMatching(/^Received \d+ bytes on webhook \[github_test_repository\]$/),
    );
    expect(said(tornado.engine.log)).toContain('Rule [main_branch] matched, dispatching actions');
    expect(spanNamed(spans, 'Emit Actions of Rule: main_branch').events.map(({ name }) => name)).toEqual([
      'Rule [main_branch] matched, dispatching actions',
    ]);
  });

  test('an event without a context, or with a broken one, is processed in a trace of its own', async () => {
    const client = await connect({ servers: tests.nats });
    const contexts = [undefined, { traceparent: '00-nonsense-01' }, { traceparent: 7 }, 'text', null];
    for (const [index, trace_context] of contexts.entries()) {
      const event = { type: 'script', created_ms: 1, payload: { ticket: `context_${index}` } };
      client.publish('alpha.tornado.events', JSON.stringify({ ...event, metadata: { trace_context } }));
    }
    client.publish('alpha.tornado.events', 'no JSON at all');
    await client.flush();
    const roots = await eventually(async () => {
      const { spans } = tests.sink.all;
      const ours = spans.filter((span) => span.name === 'Process event' && span.parentSpanId === undefined);
      return ours.length === contexts.length + 1 && ours;
    });
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(contexts.length + 1);
    expect(roots.filter(({ error }) => error)).toHaveLength(1);
    await client.close();
  });

  test('whose an event is says the subject, whatever the event says', async () => {
    const client = await connect({ servers: tests.nats });
    const traceId = 'a'.repeat(31) + '1';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const metadata = { tenant_id: 'alpha', trace_context: { traceparent, tracestate: '' } };
    const event = { type: 'tenant', created_ms: 1, payload: {}, metadata };
    client.publish('beta.tornado.events', JSON.stringify(event));
    await client.drain();
    const isThere = (all: Received) => all.spans.some(({ name }) => name === 'Process event');
    const { spans } = await traceOnce(tests.sink, traceId, isThere);
    const rules = spans.flatMap(({ name }) => (name.startsWith('Process Rule: ') ? name.slice(14) : []));
    expect(rules).toEqual(['beta_log']);
    expect(spanNamed(spans, 'Process event').attributes['tenant_id']).toBe('beta');
  });

  test("the trace of who posts goes on; an unsampled one's keeps its id and begins here", async () => {
    const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const headers = { traceparent: `00-${caller.traceId}-${caller.spanId}-01` };
    await tornado.event('other', {}, headers);
    const spans = await tests.traced(caller.traceId);
    expect(spanNamed(spans, 'POST /event/monitoring').parentSpanId).toBe(caller.spanId);
    const unsampled = caller.traceId.replace('0a', '0b');
    await tornado.event('other', {}, { traceparent: `00-${unsampled}-${caller.spanId}-00` });
    const own = await tests.traced(unsampled);
    expect(spanNamed(own, 'POST /event/monitoring').parentSpanId).toBeUndefined();
  });
});

const gapMs = (a: { end: bigint }, b: { start: bigint }): number => Number(b.start - a.end) / 1e6;
