import { Metadata, Server, ServerCredentials, loadPackageDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { samplerFromEnv } from '../setup/sampler.ts';
import { closedPort, httpServer } from '../testing/servers.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { SamplingStrategy } from './strategy.ts';

let warnings: string;
const closing: (() => void)[] = [];
beforeEach(() => {
  warnings = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((warnings += String(text)), true));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Samplers of other tests still ask their managers, which are gone. */
const warningsOf = (url: string): string[] => warnings.split('\n').filter((line) => line.includes(url));

/** A sampling manager whose answer can be changed; knows the URLs that it was asked for. */
async function manager(
  answer: SamplingStrategy | number,
): Promise<{ url: string; answer: SamplingStrategy | number; asked: string[] }> {
  const asked: string[] = [];
  const server = await httpServer((request, response) => {
    asked.push(request.url ?? '');
    if (typeof running.answer === 'number') response.writeHead(running.answer).end();
    else response.end(JSON.stringify(running.answer));
  });
  closing.push(() => server.close());
  const running = { url: `http://127.0.0.1:${server.port}`, answer, asked };
  return running;
}

function sampler(
  endpoint: string,
  initialSamplingRate = 0,
  name = 'jaeger_remote',
): ReturnType<typeof samplerFromEnv> {
  vi.stubEnv('OTEL_TRACES_SAMPLER', name);
  vi.stubEnv(
    'OTEL_TRACES_SAMPLER_ARG',
    `endpoint=${endpoint},pollingIntervalMs=10,initialSamplingRate=${initialSamplingRate}`,
  );
  return samplerFromEnv('shop front');
}

/** How many of 100 traces of this operation are sampled. */
function share(of: ReturnType<typeof samplerFromEnv>, operation = 'GET'): number {
  const ids = Array.from({ length: 100 }, (_, i) =>
    Math.floor(((i + 0.5) / 100) * 0xffffffff)
      .toString(16)
      .padStart(8, '0')
      .padEnd(32, '0'),
  );
  return ids.filter(
    (id) =>
      of.shouldSample(ROOT_CONTEXT, id, operation, SpanKind.SERVER, {}, []).decision ===
      SamplingDecision.RECORD_AND_SAMPLED,
  ).length;
}

describe('the sampler jaeger_remote', () => {
  test('samples at its initial rate until there is an answer', async () => {
    expect(share(sampler(`http://127.0.0.1:${await closedPort()}`, 0.25))).toBe(25);
  });

  test('samples the share that the manager says for this service, and follows its changes', async () => {
    const running = await manager({
      strategyType: 'PROBABILISTIC',
      probabilisticSampling: { samplingRate: 0.5 },
    });
    const remote = sampler(running.url);
    await vi.waitFor(() => expect(share(remote)).toBe(50));
    expect(running.asked[0]).toBe('/sampling?service=shop+front');
    running.answer = { probabilisticSampling: {} };
    await vi.waitFor(() => expect(share(remote)).toBe(0));
  });

  test('limits the rate where the manager says so, with no new credit from the same answer', async () => {
    const running = await manager({
      strategyType: 'RATE_LIMITING',
      rateLimitingSampling: { maxTracesPerSecond: 5 },
    });
    const remote = sampler(running.url);
    await vi.waitFor(() => expect(share(remote)).toBe(5));
    const asked = running.asked.length;
    await vi.waitFor(() => expect(running.asked.length).toBeGreaterThan(asked + 3));
    expect(share(remote)).toBeLessThan(5);
  });

  test('samples each operation at its own rate, and rare ones at least so often', async () => {
    const running = await manager({
      probabilisticSampling: { samplingRate: 1 },
      operationSampling: {
        defaultSamplingProbability: 0.1,
        defaultLowerBoundTracesPerSecond: 3,
        perOperationStrategies: [{ operation: 'POST', probabilisticSampling: { samplingRate: 0.5 } }],
      },
    });
    const remote = sampler(running.url);
    await vi.waitFor(() => expect(share(remote, 'POST')).toBeGreaterThanOrEqual(50));
    expect(share(remote, 'GET')).toBeGreaterThanOrEqual(10);
    expect(share(remote, 'PUT')).toBeLessThanOrEqual(13);
    expect(share(remote, 'PUT')).toBeLessThan(13);
  });

  test('keeps the last answer when the manager fails, and says so once', async () => {
    const running = await manager({ probabilisticSampling: { samplingRate: 0.5 } });
    const remote = sampler(running.url);
    await vi.waitFor(() => expect(share(remote)).toBe(50));
    running.answer = 503;
    const asked = running.asked.length;
    await vi.waitFor(() => expect(running.asked.length).toBeGreaterThan(asked + 3));
    expect(share(remote)).toBe(50);
    expect(warningsOf(running.url)).toEqual([
      `throughline: no sampling strategy from ${running.url}/: HTTP status 503; the last one holds`,
    ]);
  });

  test('obeys the parent where it is based on it', async () => {
    const running = await manager({ probabilisticSampling: { samplingRate: 1 } });
    const remote = sampler(running.url, 0, 'parentbased_jaeger_remote');
    await vi.waitFor(() => expect(share(remote)).toBe(100));
    expect(remote.toString()).toContain('ParentBased{root=JaegerRemoteSampler{endpoint=');
  });

  test('says which of its arguments it does not understand', () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'jaeger_remote');
    vi.stubEnv(
      'OTEL_TRACES_SAMPLER_ARG',
      'endpoint=localhost:1,pollingIntervalMs=0,initialSamplingRate=2,colour=red',
    );
    samplerFromEnv('shop');
    expect(warnings)
      .toBe(`throughline: OTEL_TRACES_SAMPLER_ARG: colour is none of endpoint, pollingIntervalMs, initialSamplingRate
throughline: OTEL_TRACES_SAMPLER_ARG: endpoint=localhost:1 is not understood; http://localhost:5778 is used
throughline: OTEL_TRACES_SAMPLER_ARG: pollingIntervalMs=0 is not understood; 60000 is used
throughline: OTEL_TRACES_SAMPLER_ARG: initialSamplingRate=2 is not understood; 0.001 is used
`);
  });

  test('asks over gRPC where the manager speaks that', async () => {
    const { url, asked } = await grpcManager({
      strategyType: 'PROBABILISTIC',
      probabilisticSampling: { samplingRate: 1 },
      operationSampling: {
        defaultSamplingProbability: 0.25,
        perOperationStrategies: [{ operation: 'POST', probabilisticSampling: { samplingRate: 0.75 } }],
      },
    });
    const remote = sampler(url);
    await vi.waitFor(() => expect([share(remote, 'POST'), share(remote, 'GET')]).toEqual([75, 25]));
    expect(asked[0]).toEqual({ serviceName: 'shop front' });
    expect(warningsOf(url)).toEqual([]);
  });

  test('does not keep a process alive that has nothing else to do', async () => {
    const silent = await httpServer(() => {});
    closing.push(() => silent.close());
    const program = `
      import { samplerFromEnv } from '${new URL('../setup/sampler.ts', import.meta.url).href}';
      samplerFromEnv('shop');
      process.on('exit', () => console.log('ended'));
    `;
    const typescript = new URL('../../../../scripts/typescript.mjs', import.meta.url).href;
    const args = ['--import', typescript, '--conditions', 'source', '--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: 8000,
      env: {
        OTEL_TRACES_SAMPLER: 'jaeger_remote',
        OTEL_TRACES_SAMPLER_ARG: `endpoint=http://127.0.0.1:${silent.port}`,
      },
    });
    expect(stdout).toBe('ended\n');
  });
});

test('a rate limiter gives back credit with time, up to a second of it', () => {
  let now = 0;
  const limiter = new RateLimiter(2, () => now);
  const allowed = (): number => Array.from({ length: 9 }, () => limiter.allows()).filter(Boolean).length;
  expect(allowed()).toBe(2);
  now = 500;
  expect(allowed()).toBe(1);
  now = 60_000;
  expect(allowed()).toBe(2);
  expect(new RateLimiter(0, () => now++).allows()).toBe(false);
});

/** The part of Jaeger's api_v2/sampling.proto that is spoken here, served by grpc-js. */
async function grpcManager(answer: SamplingStrategy): Promise<{ url: string; asked: unknown[] }> {
  const message = (fields: Record<string, [type: string, id: number, rule?: string]>): object => ({
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule && { rule }) }]),
    ),
  });
  const jaeger = {
    Params: message({ serviceName: ['string', 1] }),
    Type: { values: { PROBABILISTIC: 0, RATE_LIMITING: 1 } },
    Rate: message({ samplingRate: ['double', 1] }),
    Limit: message({ maxTracesPerSecond: ['int32', 1] }),
    Operation: message({ operation: ['string', 1], probabilisticSampling: ['Rate', 2] }),
    Operations: message({
      defaultSamplingProbability: ['double', 1],
      defaultLowerBoundTracesPerSecond: ['double', 2],
      perOperationStrategies: ['Operation', 3, 'repeated'],
    }),
    Answer: message({
      strategyType: ['Type', 1],
      probabilisticSampling: ['Rate', 2],
      rateLimitingSampling: ['Limit', 3],
      operationSampling: ['Operations', 4],
    }),
    SamplingManager: { methods: { GetSamplingStrategy: { requestType: 'Params', responseType: 'Answer' } } },
  };
  const definition = fromJSON({
    nested: { jaeger: { nested: { api_v2: { nested: jaeger } } } },
  } as Parameters<typeof fromJSON>[0]);
  const loaded = loadPackageDefinition(definition) as unknown as {
    jaeger: { api_v2: { SamplingManager: { service: Parameters<Server['addService']>[0] } } };
  };
  const asked: unknown[] = [];
  const server = new Server();
  server.addService(loaded.jaeger.api_v2.SamplingManager.service, {
    GetSamplingStrategy: (
      call: { request: unknown },
      done: (error: null, answer: unknown, trailer: Metadata) => void,
    ) => {
      asked.push(call.request);
      done(null, answer, new Metadata());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  closing.push(() => server.forceShutdown());
  return { url: `http://127.0.0.1:${port}`, asked };
}
