import { describe, expect, test } from 'vitest';
import { closedPort } from '../testing/servers.ts';
import { doctorCommand } from './command.ts';
import { setup } from './doctor.test-kit.ts';
import { targetsOf } from './targets.ts';

const { receiver } = setup();

test('hops are found in the environment, where none is named', () => {
  const env = {
    REDIS_URL: 'redis://:pw@cache:6379/0',
    NATS_URL: 'nats://a:4222,nats://b:4222',
    KAFKA_BROKERS: 'k1:9092,k2:9092',
    SERVER_URL: 'http://server:8080/hello',
    BACKEND: 'http://backend:8081',
    BACKEND_GRPC_ADDR: 'backend:50051',
    COPY_URL: 'http://backend:8081',
    DATABASE_URL: 'postgres://db/shop',
    HTTPS_PROXY: 'http://proxy:3128',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    THROUGHLINE_URL: 'http://throughline:16686',
    ECS_CONTAINER_METADATA_URI: 'http://169.254.170.2/v3',
    GITHUB_SERVER_URL: 'https://github.com',
    npm_config_registry: 'https://registry.npmjs.org/',
  };
  expect(targetsOf({}, env).map(({ kind, address, from }) => `${from} ${kind} ${address}`)).toEqual([
    'REDIS_URL redis redis://:pw@cache:6379/0',
    'NATS_URL nats nats://a:4222',
    'NATS_URL nats nats://b:4222',
    'KAFKA_BROKERS kafka k1:9092,k2:9092',
    'SERVER_URL http http://server:8080/hello',
    'BACKEND http http://backend:8081',
    'BACKEND_GRPC_ADDR grpc backend:50051',
  ]);
  expect(targetsOf({ http: ['http://other/'] }, env)).toEqual([
    { kind: 'http', address: 'http://other/', from: '--http' },
  ]);
});

describe('the command', () => {
  const run = async (...args: string[]): Promise<{ status: number; text: string }> => {
    let text = '';
    const status = await doctorCommand(args, (written) => (text += written));
    return { status, text };
  };

  test('prints a report and ends with 1 where there is a problem', async () => {
    const port = await closedPort();
    const { status, text } = await run('--http', `http://127.0.0.1:${port}/`);
    expect(status).toBe(1);
    expect(text).toContain(`
Hops
  problem  http://127.0.0.1:${port}/: no answer (connect ECONNREFUSED 127.0.0.1:${port})
           Is it running, and is the address right?

`);
    expect(text).toMatch(
      /^Settings in force\n {2}ok {7}sampler: .*\n1 problem(, \d+ warnings?)?\. The probe is trace [0-9a-f]{32}\.\n$/s,
    );
  });

  test('prints the report as JSON, and ends with 0 where there is none', async () => {
    const url = await receiver((request, response) =>
      response.setHeader('traceresponse', request.headers['traceparent'] ?? '').end(),
    );
    const { status, text } = await run('--json', '--http', url);
    expect(JSON.parse(text)).toMatchObject({
      ok: true,
      traceId: expect.any(String),
      findings: expect.any(Array),
    });
    expect(status).toBe(0);
  });

  test('takes a URL alone by its scheme', async () => {
    const url = await receiver((request, response) =>
      response.setHeader('traceresponse', request.headers['traceparent'] ?? '').end(),
    );
    const { text } = await run(url, `redis://127.0.0.1:${await closedPort()}`);
    expect(text).toMatch(/Hops\n {2}ok .*http:.*\n {2}problem .*redis:/);
  });

  test('refuses what it does not understand', async () => {
    for (const args of [['--colour'], ['--http', 'localhost'], ['--wait', 'long'], ['more']])
      expect((await run(...args)).status).toBe(2);
    expect(await run('--help')).toMatchObject({ status: 0, text: expect.stringContaining('--topic TOPIC') });
  });
});
