import { afterEach, expect, test } from 'vitest';
import { testEnv } from '../testing.ts';
import { healthCheck } from './health-check.ts';

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function setup(config: object = {}) {
  const state = { up: true, now: 1_000_000 };
  const env = testEnv('health_check', () => state.now);
  const settings = healthCheck.config.parse({ endpoint: '127.0.0.1:0', ...config });
  const extension = healthCheck.create(settings, () => state.up, env);
  await extension.start();
  stop = () => extension.stop();
  const ask = async (path = '/') => {
    const response = await fetch(env.urls['health']! + path);
    return [response.status, await response.text()];
  };
  return { state, ask, env };
}

test('says 200 when everything is up, and 503 when it is not', async () => {
  const { state, ask } = await setup();
  state.now += 90_500;
  expect(await ask('/any/path?x')).toEqual([
    200,
    '{"status":"Server available","upSince":"1970-01-01T00:16:40.000Z","uptime":"1m30s"}',
  ]);
  state.up = false;
  expect(await ask()).toEqual([
    503,
    '{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}',
  ]);
});

test('answers at one path, with fixed bodies, when told to', async () => {
  const { state, ask } = await setup({ path: '/up', responseBody: { healthy: 'yes', unhealthy: 'no' } });
  expect(await ask('/up?x=1')).toEqual([200, 'yes']);
  expect(await ask('/')).toEqual([404, '']);
  state.up = false;
  expect(await ask('/up')).toEqual([503, 'no']);
});

test('says in one sentence that it cannot have its port', async () => {
  const { env } = await setup();
  const { host } = new URL(env.urls['health']!);
  const second = healthCheck.create(
    healthCheck.config.parse({ endpoint: host }),
    () => true,
    testEnv('health_check/b'),
  );
  await expect(second.start()).rejects.toThrow(
    `extension health_check/b cannot listen on ${host}: the port is in use by another program`,
  );
});
