import { Redis } from 'ioredis';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Stage, launch, redis } from 'throughline-example-launch';

/** Where agent.yaml, collector.yaml and backend.yaml are. */
const configFolder = process.env['CONFIG_DIR'] ?? fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../bin/throughline.js', import.meta.resolve('throughline')));

// Runs everything until SIGTERM or SIGINT. The first backend is the OTLP endpoint that the environment names. With
// DIRECT=1 the services send to it themselves: no agent, no collector, no second backend.
await launch('pubsub', async (stage) => {
  await stage.otlp();
  const { url: REDIS_URL } = await stage.broker(redis);
  stage.say(`Redis is at ${REDIS_URL}`);
  const OTEL_AGENT_URL = process.env['DIRECT'] === '1' ? stage.endpoint.href : await agent(stage);
  const serverPort = await stage.port('SERVER_PORT', 8080);
  const SERVER_URL = `http://localhost:${serverPort}/hello`;
  stage.service('worker', { OTEL_AGENT_URL, REDIS_URL });
  await untilSubscribed(REDIS_URL);
  stage.service('server', { OTEL_AGENT_URL, REDIS_URL, SERVER_PORT: String(serverPort) });
  stage.service('client', { OTEL_AGENT_URL, SERVER_URL }, { ends: true });
  await stage.listens('localhost', serverPort);
  stage.say(`the client makes its requests; try curl ${SERVER_URL}`);
  stage.service('traffic', { SERVER_URL });
});

/** Redis keeps nothing: what is published before the worker listens is lost. */
async function untilSubscribed(url: string): Promise<void> {
  const client = new Redis(url);
  for (;;) {
    const [, subscribers] = await client.pubsub('NUMSUB', 'work');
    if (Number(subscribers) > 0) break;
    await delay(50);
  }
  client.disconnect();
}

/** The agent, and what is behind it. Resolves with where services find it. */
async function agent(stage: Stage): Promise<string> {
  const BACKEND_1_URL = process.env['BACKEND_1_URL'] ?? stage.endpoint.origin;
  const BACKEND_2_URL = process.env['BACKEND_2_URL'] ?? (await secondBackend(stage));
  const COLLECTOR_PORT = await portOf(stage, 'COLLECTOR_PORT', 4328);
  throughline(stage, 'collector', { COLLECTOR_PORT, BACKEND_1_URL, BACKEND_2_URL });
  const AGENT_PORT = await portOf(stage, 'AGENT_PORT', 4327);
  throughline(stage, 'agent', { AGENT_PORT, COLLECTOR_URL: `http://127.0.0.1:${COLLECTOR_PORT}` });
  await stage.listens('127.0.0.1', Number(AGENT_PORT));
  return `127.0.0.1:${AGENT_PORT}`;
}

async function secondBackend(stage: Stage): Promise<string> {
  const BACKEND_PORT = await portOf(stage, 'BACKEND_PORT', 4338);
  const UI_PORT = await portOf(stage, 'UI_PORT', 16687);
  throughline(stage, 'backend', { BACKEND_PORT, UI_PORT });
  await stage.listens('127.0.0.1', Number(BACKEND_PORT));
  stage.say(`the second backend is at http://127.0.0.1:${UI_PORT}`);
  return `http://127.0.0.1:${BACKEND_PORT}`;
}

function throughline(stage: Stage, role: string, env: Record<string, string>): void {
  const args = ['--config', join(configFolder, `${role}.yaml`), '--data-dir', join(stage.folder, role)];
  const nodeArgs = ['--single-threaded-gc', '--import', new URL('life-line.js', import.meta.url).href];
  stage.service(program, env, { as: role, args, nodeArgs, last: true });
}

async function portOf(stage: Stage, variable: string, usual: number): Promise<string> {
  return String(await stage.port(variable, usual));
}
