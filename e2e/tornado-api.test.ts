import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { repository } from './support/build.ts';
import { treeOf } from './support/telemetry-receiver.ts';
import { TornadoTests, below } from './support/tornado-tests.ts';
import { action, equals, filter, iterator, ofType, rule, ruleset } from './support/tornado-rules.ts';
import { type Tornado, admin } from './support/tornado.ts';

const tests = new TornadoTests();

const rules = filter(
  'root',
  {},
  ruleset(
    'stopping',
    rule('partial', ofType('mail'), [action('logger', {})], {
      WITH: { number: { from: '${event.payload.subject}', regex: { match: '[0-9]+', group_match_idx: 0 } } },
    }),
    rule('stop_here', ofType('mail'), [action('logger', { subject: '${event.payload.subject}' })], {
      continue: false,
    }),
    rule('never', {}, [action('logger', {})]),
  ),
  filter(
    'lists',
    { type: 'contains', first: '${event.payload}', second: 'list' },
    iterator(
      'each',
      '${event.payload.list}',
      ruleset('big', rule('above_ten', { type: 'gt', first: '${event.iterator.item}', second: 10 }, [])),
    ),
  ),
  { ...filter('inactive', {}, ruleset('unused', rule('unused', {}, []))), active: false },
);

const mail = { type: 'mail', created_ms: 5, payload: { subject: 'no digits', list: [5, 20] }, metadata: {} };

describe("the engine's API", () => {
  let tornado: Tornado;
  beforeAll(async () => {
    tornado = (await tests.shared({ rules })) as Tornado;
  });
  afterAll(() => tornado?.stop());
  const testEvent = (process_type: string, event: object = mail, token: object = admin) =>
    tornado.api('POST', '/api/v2_beta/event/active/all', { event, process_type }, token);

  test('a test event with SkipActions is answered with what became of it, and nothing is executed', async () => {
    const { status, body, traceId } = await testEvent('SkipActions');
    expect(status).toBe(200);
    const rule = (name: string, status: string, more: object = {}) => ({
      name,
      status,
      actions: [],
      message: null,
      ...more,
    });
    const message = 'the variable number cannot be extracted: it is not in the event';
    const stopped = {
      actions: [{ id: 'logger', payload: { subject: 'no digits' }, created_ms: 5 }],
    };
    const iteration = (item: number, index: number, status: string) => ({
      event: { ...mail, iterator: { item, iteration: index } },
      nodes: [
        { type: 'Ruleset', name: 'big', rules: { rules: [rule('above_ten', status)], extracted_vars: {} } },
      ],
    });
    expect(body).toEqual({
      event: mail,
      result: {
        type: 'Filter',
        name: 'root',
        filter: { status: 'Matched' },
        nodes: [
          {
            type: 'Ruleset',
            name: 'stopping',
            rules: {
              rules: [
                rule('partial', 'PartiallyMatched', { message }),
                rule('stop_here', 'Matched', stopped),
                rule('never', 'NotProcessed'),
              ],
              extracted_vars: {},
            },
          },
          {
            type: 'Filter',
            name: 'lists',
            filter: { status: 'Matched' },
            nodes: [
              {
                type: 'Iterator',
                name: 'each',
                iterator: { status: 'Matched' },
                events: [iteration(5, 0, 'NotMatched'), iteration(20, 1, 'Matched')],
              },
            ],
          },
          { type: 'Filter', name: 'inactive', filter: { status: 'Inactive' }, nodes: [] },
        ],
      },
    });
    const name = 'POST /api/v2_beta/event/active/{auth}';
    const spans = await tests.traced(traceId, 1, name);
    expect(treeOf(below(spans, 'Process Event with current Processing Tree'))).toBe(
      `tornado_engine: Process Event with current Processing Tree
  tornado_engine: Match against Processing Tree
    tornado_engine: Process Filter: root
      tornado_engine: Process Ruleset: stopping
        tornado_engine: Process Rule: partial
        tornado_engine: Process Rule: stop_here
          tornado_engine: Process Action: logger
      tornado_engine: Process Filter: lists
        tornado_engine: Process Iterator: each
          tornado_engine: Process Ruleset: big
            tornado_engine: Process Rule: above_ten
          tornado_engine: Process Ruleset: big
            tornado_engine: Process Rule: above_ten
      tornado_engine: Process Filter: inactive
`,
    );
  });

  test('with Full the actions are executed, in the trace of the request', async () => {
    const { traceId } = await testEvent('Full');
    const spans = await tests.traced(traceId, 1, 'POST /api/v2_beta/event/active/{auth}');
    expect(spans.filter(({ name }) => name === 'Execute Action: logger')).toHaveLength(1);
  });

  test('a token must be there, be readable, know the key and have the permission', async () => {
    const withRoles = (...roles: string[]) => ({
      ...admin,
      roles,
      auths: { all: { path: ['root'], roles } },
    });
    const status = async (token: object | undefined, process_type = 'SkipActions') => {
      const { status } = await testEvent(process_type, mail, token);
      return status;
    };
    const url = `http://127.0.0.1:${await tornado.engine.port()}/api/v2_beta/event/active/all`;
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    const broken = { authorization: 'Bearer not-base64-json' };
    expect((await fetch(url, { method: 'POST', body: '{}', headers: broken })).status).toBe(401);
    expect(await status({ user: 'x', auths: { other: { path: ['root'], roles: ['admin'] } } })).toBe(403);
    expect(await status(withRoles('view'))).toBe(200);
    expect(await status(withRoles('view'), 'Full')).toBe(403);
    expect(await status(withRoles('test_event_execute_actions'), 'Full')).toBe(200);
    expect(await status(withRoles())).toBe(403);
    const apm = '/api/v1_beta/runtime_config/logger';
    expect((await tornado.api('GET', apm, undefined, withRoles('edit'))).status).toBe(403);
    expect((await tornado.api('GET', apm)).status).toBe(200);
  });

  test('who may see a part of the tree sees and tests that part alone', async () => {
    const token = { user: 'x', auths: { all: { path: ['root', 'lists'], roles: ['admin'] } } };
    const { body } = await testEvent('SkipActions', mail, token);
    const { result } = body as { result: { nodes: { name: string }[] } };
    expect(result.nodes.map(({ name }) => name)).toEqual(['lists']);
    const config = '/api/v2_beta/config/active';
    expect((await tornado.api('GET', `${config}/tree/children/all`, undefined, token)).body).toEqual([
      {
        type: 'Filter',
        name: 'lists',
        rules_count: 1,
        children_count: 1,
        description: '',
        has_iterator_ancestor: false,
        active: true,
      },
    ]);
    expect((await tornado.api('GET', `${config}/tree/details/all/root`, undefined, token)).status).toBe(404);
  });

  test('the tree in force is shown node by node', async () => {
    const get = async (path: string) =>
      (await tornado.api('GET', `/api/v2_beta/config/active/${path}`)).body as unknown;
    expect(await get('tree/info/all')).toEqual({ rules_count: 5, filters_count: 3, iterators_count: 1 });
    const children = (await get('tree/children/all/root')) as { type: string; name: string }[];
    expect(children.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'Ruleset stopping',
      'Filter lists',
      'Filter inactive',
    ]);
    expect(await get('tree/details/all/root,lists,each')).toEqual({
      type: 'Iterator',
      name: 'each',
      description: '',
      active: true,
      target: '${event.payload.list}',
    });
    expect(await get('rule/details/all/root,stopping/stop_here')).toMatchObject({
      name: 'stop_here',
      continue: false,
      constraint: { WHERE: ofType('mail') },
    });
  });

  test('a draft is changed, tried and put in force, and nothing else changes what is in force', async () => {
    const drafts = '/api/v2_beta/config/drafts/all';
    const created = await tornado.api('POST', drafts);
    const { id } = created.body as { id: string };
    const details = `/api/v2_beta/config/draft/rule/details/all/${id}/root,stopping`;
    const changed = {
      name: 'partial',
      description: 'now it matches',
      continue: true,
      active: true,
      constraint: { WHERE: equals('${event.type}', 'mail'), WITH: {} },
      actions: [],
    };
    const wrong = { ...changed, constraint: { WHERE: { type: 'smells' }, WITH: {} } };
    const refused = await tornado.api('PUT', `${details}/partial`, wrong);
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.stringContaining('body: constraint.WHERE.type: "smells" is none of AND, OR, NOT'),
    ]);
    expect((await tornado.api('PUT', `${details}/partial`, changed)).status).toBe(200);
    const other = { ...admin, user: 'other' };
    expect((await tornado.api('PUT', `${details}/partial`, changed, other)).status).toBe(403);
    const statusIn = async (path: string): Promise<unknown> => {
      const { body } = await tornado.api('POST', `/api/v2_beta/event/${path}`, {
        event: mail,
        process_type: 'SkipActions',
      });
      return (body as { result: { nodes: { rules: { rules: { status: string }[] } }[] } }).result.nodes[0]
        ?.rules.rules[0]?.status;
    };
    expect([await statusIn(`drafts/all/${id}`), await statusIn('active/all')]).toEqual([
      'Matched',
      'PartiallyMatched',
    ]);
    expect((await tornado.api('POST', `${drafts}/${id}/deploy`)).status).toBe(200);
    expect(await statusIn('active/all')).toBe('Matched');
    expect((await tornado.api('DELETE', `${drafts}/${id}`)).status).toBe(200);
    expect((await tornado.api('GET', drafts)).body).toEqual([]);
    expect((await tornado.api('DELETE', `${drafts}/..%2Frules.d`)).status).toBe(404);
  });

  test('it says that it is well, where events come in, and what it has done', async () => {
    const get = async (path: string) =>
      (await tornado.api('GET', `/monitoring/${path}`, undefined, undefined)).body;
    expect(await get('ping')).toEqual({ message: expect.stringMatching(/^pong - /) });
    expect(await get('communication_channel_config')).toEqual({
      nats_enabled: true,
      event_tcp_socket_enabled: true,
    });
    await tests.traced(await tornado.event('counted', {}));
    const metrics = String(await get('v1/metrics/prometheus'));
    expect(metrics).toContain('events_received_counter{source="nats",event_type="counted"} 1');
    expect(metrics).toContain('events_processed_duration_seconds_count{event_type="counted"} 1');
    expect(metrics).toContain('actions_processed_counter{action_id="logger",action_result="success"}');
    expect(metrics).toContain('http_requests_total{endpoint="/monitoring/ping",method="GET",status="200"} 1');
  });
});

describe('the command line', () => {
  let tornado: Tornado;
  beforeEach(async () => {
    tornado = await tests.start({ rules }, []);
  });
  const command = async (...args: string[]): Promise<{ code: number; said: string }> => {
    const file = join(repository, 'examples', 'tornado', 'dist', 'engine.js');
    const port = String(await tornado.engine.port());
    const env = { PATH: process.env['PATH'], CONFIG__TORNADO__DAEMON__WEB_SERVER_PORT: port };
    const folder = join(tornado.folder, 'engine');
    return promisify(execFile)(process.execPath, [file, ...args, '--config-dir', folder], { env }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
    );
  };

  test('check names the file and the place of everything that is wrong with the rules', async () => {
    expect(await command('check')).toEqual({ code: 0, said: 'The configuration is correct.\n' });
    const folder = join(tornado.folder, 'engine', 'rules.d');
    const broken = { name: 'a-b', constraint: { WHERE: {}, WITH: {} }, actions: [] };
    const unknown = {
      name: 'unknown',
      constraint: {
        WHERE: { type: 'AND', operators: [{ type: 'equals', first: '${nothing.there}', second: 1 }] },
      },
      actions: [],
    };
    const rulesFolder = join(folder, '0010_stopping', 'rules');
    writeFileSync(join(rulesFolder, '0001_broken.json'), JSON.stringify(broken));
    writeFileSync(join(rulesFolder, '0002_no_json.json'), '{');
    expect((await command('check')).said.split('\n')).toEqual([
      'rules.d/0010_stopping/rules/0001_broken.json: name: "a-b" must be made of letters, digits and _',
      expect.stringMatching(/^rules\.d\/0010_stopping\/rules\/0002_no_json\.json: .*JSON/),
      '',
    ]);
    writeFileSync(join(rulesFolder, '0001_broken.json'), JSON.stringify(unknown));
    writeFileSync(join(rulesFolder, '0002_no_json.json'), JSON.stringify({ ...unknown, name: 'two' }));
    expect(await command('check')).toEqual({
      code: 1,
      said: ['0001_broken', '0002_no_json']
        .map(
          (file) =>
            `rules.d/0010_stopping/rules/${file}.json: constraint.WHERE.operators[0].first: \${nothing.there} begins with neither event nor _variables nor item\n`,
        )
        .join(''),
    });
  });

  test('apm-tracing switches the export of the engine that runs', async () => {
    const logger = '/api/v1_beta/runtime_config/logger';
    expect((await command('apm-tracing', 'disable')).code).toBe(0);
    expect((await tornado.api('GET', logger)).body).toMatchObject({
      apm_enabled: false,
      stdout_enabled: true,
    });
    expect((await command('apm-tracing', 'enable')).code).toBe(0);
    expect((await tornado.api('GET', logger)).body).toEqual({
      level: 'info,tornado=debug',
      stdout_enabled: false,
      apm_enabled: true,
    });
    expect((await command('apm-tracing', 'perhaps')).said).toContain('enable or disable');
  });
});
