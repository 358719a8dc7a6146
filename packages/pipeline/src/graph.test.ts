import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidData, Overloaded, StartError } from '@throughline/model';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock.ts';
import {
  defineExporter,
  defineExtension,
  defineProcessor,
  defineReceiver,
  type Component,
  type Consumer,
  type Meter,
  type Sample,
} from './component.ts';
import { loadConfig } from './config/load.ts';
import { createRegistry } from './config/registry.ts';
import { fanOut } from './fan-out.ts';
import { Graph } from './graph.ts';
import { envOf, placeOf, type World } from './world.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Components that write down what happens to them; `in` offers what pipelines give it as `inputs`. */
function setup(pipelines: string, { refuse = {} as Record<string, Error>, directory = '' } = {}) {
  const folder = directory || mkdtempSync(join(tmpdir(), 'graph-'));
  if (!directory) ends.push(() => rmSync(folder, { recursive: true }));
  const events: string[] = [];
  const warnings: string[] = [];
  const inputs: Record<string, Consumer> = {};
  const life = (id: string): Component => ({
    async start() {
      events.push(`start ${id}`);
      if (refuse[id]) throw refuse[id];
    },
    async stop() {
      events.push(`stop ${id}`);
    },
  });
  const config = z.strictObject({});
  const registry = createRegistry([
    defineReceiver({
      type: 'in',
      signals: ['traces', 'logs'],
      config,
      create(_config, next, { id }) {
        events.push(`create ${id} for ${Object.keys(next).join(' ')}`);
        for (const [signal, consumer] of Object.entries(next)) inputs[`${id} ${signal}`] = consumer;
        return life(id);
      },
    }),
    defineProcessor({
      type: 'hold',
      signals: ['traces', 'logs'],
      config,
      create(_config, next, { id }) {
        const held: (() => Promise<void>)[] = [];
        return {
          start: () => life(id).start(),
          async stop() {
            for (const release of held) await release();
            events.push(`stop ${id}`);
          },
          async consume(batch) {
            held.push(() => next.consume(batch));
          },
        };
      },
    }),
    defineExporter({
      type: 'out',
      signals: ['traces', 'logs'],
      config,
      create: (_config, { id }) => ({
        ...life(id),
        delivery: { maxBytes: 1000, maxDelayMs: 0 },
        deliver: async (range) => void events.push(`${id} gets ${range.items} ${range.signal}`),
      }),
    }),
    defineExtension({ type: 'beside', config, create: (_config, _ready, { id }) => life(id) }),
  ]);
  const text = `receivers: {in: , in/b: }
processors: {hold: }
exporters: {out: , out/b: , out/unused: }
extensions: {beside: , beside/unused: }
service: {extensions: [beside], journal: {min_free_space: 0}, pipelines: {${pipelines}}}`;
  const quiet = () => {};
  const graph = new Graph(loadConfig(text, { file: 'file', registry, env: () => undefined }), {
    version: '1',
    directory: folder,
    clock: systemClock,
    random: () => 0.5,
    log: () => ({ debug: quiet, info: quiet, warn: (event) => warnings.push(event), error: quiet }),
    meter: { counter: () => quiet, gauge: quiet },
    listening: quiet,
  });
  ends.push(() => graph.stop(0));
  const send = (input: string, items: number) =>
    inputs[input]!.consume({ signal: 'traces', bytes: new Uint8Array(items), items });
  return { graph, events, warnings, send, folder };
}

test('sinks start first and receivers last; stopping goes the other way round', async () => {
  const { graph, events } = setup('traces: {receivers: [in], processors: [hold], exporters: [out]}');
  expect(events.splice(0)).toEqual(['create in for traces']);
  await graph.start();
  expect(events.splice(0)).toEqual(['start beside', 'start out', 'start hold', 'start in']);
  expect(graph.ready).toBe(true);
  await graph.stop(0);
  expect(events).toEqual(['stop in', 'stop hold', 'stop out', 'stop beside']);
  expect(graph.ready).toBe(false);
});

test('one receiver and one exporter serve all pipelines that name them', async () => {
  const { graph, events, send } = setup(`traces: {receivers: [in], exporters: [out]},
    traces/b: {receivers: [in, in/b], exporters: [out, out/b]}, logs: {receivers: [in], exporters: [out]}`);
  expect(events.splice(0)).toEqual(['create in for traces logs', 'create in/b for traces']);
  await graph.start();
  expect(events.splice(0).toSorted()).toEqual([
    'start beside',
    'start in',
    'start in/b',
    'start out',
    'start out/b',
  ]);
  await send('in traces', 3);
  await expect
    .poll(() => events.toSorted())
    .toEqual(['out gets 3 traces', 'out gets 3 traces', 'out/b gets 3 traces']);
  events.splice(0);
  await send('in/b traces', 4);
  await expect.poll(() => events.toSorted()).toEqual(['out gets 4 traces', 'out/b gets 4 traces']);
});

test('what a processor holds when the program stops reaches the exporters', async () => {
  const { graph, events, send } = setup('traces: {receivers: [in], processors: [hold], exporters: [out]}');
  await graph.start();
  await send('in traces', 5);
  events.splice(0);
  await graph.stop(2000);
  expect(events).toEqual(['stop in', 'stop hold', 'out gets 5 traces', 'stop out', 'stop beside']);
});

test('all components of a kind that cannot start are told in one error, and what was started is stopped', async () => {
  const refuse = { out: new StartError('no disk'), 'out/b': new StartError('no net') };
  const { graph, events } = setup('traces: {receivers: [in], exporters: [out, out/b]}', { refuse });
  await expect(graph.start()).rejects.toThrow(
    new StartError('exporter out: no disk\nexporter out/b: no net'),
  );
  await graph.stop(0);
  expect(events).toEqual([
    'create in for traces',
    'start beside',
    'start out',
    'start out/b',
    'stop out',
    'stop out/b',
    'stop beside',
  ]);
});

test('each pipeline has a journal, and says how far behind its exporters are', async () => {
  const { graph, folder } = setup('traces/a/b: {receivers: [in], exporters: [out]}');
  await graph.start();
  expect(readdirSync(join(folder, 'journal'))).toEqual(['traces%2Fa%2Fb']);
  expect(graph.pipelines()).toMatchObject([
    { pipeline: 'traces/a/b', maxBytes: 10 * 2 ** 30, consumers: [{ exporter: 'out', lagBytes: 0 }] },
  ]);
});

test('an exporter that has left a pipeline is forgotten with a warning', async () => {
  const first = setup('traces: {receivers: [in], exporters: [out, out/b]}');
  await first.graph.start();
  await first.send('in traces', 1);
  await expect.poll(() => first.events.filter((event) => event.includes('gets')).length).toBe(2);
  await first.graph.stop(1000);
  const second = setup('traces: {receivers: [in], exporters: [out]}', { directory: first.folder });
  await second.graph.start();
  expect(second.warnings).toEqual(['exporter is no longer in the pipeline, forgetting its place']);
});

test('the journal of a pipeline that has left the configuration is kept, and mentioned', async () => {
  const first = setup('traces/old: {receivers: [in], exporters: [out]}');
  await first.graph.start();
  await first.graph.stop(0);
  const second = setup('traces: {receivers: [in], exporters: [out]}', { directory: first.folder });
  await second.graph.start();
  expect(second.warnings).toEqual(['the journal of a pipeline that is not in the configuration is kept']);
  expect(readdirSync(join(first.folder, 'journal')).toSorted()).toEqual(['traces', 'traces%2Fold']);
});

test('metrics of a component carry its name, whatever other labels they have', () => {
  const counted: unknown[] = [];
  const read: (() => readonly Sample[])[] = [];
  const meter: Meter = {
    counter: (name) => (value, labels) => counted.push([name, value, labels]),
    gauge: (_name, _help, reader) => read.push(reader),
  };
  const env = envOf(
    { meter, directory: '/d', log: () => undefined, clock: systemClock } as unknown as World,
    placeOf('exporter', 'out/b'),
  );
  env.meter.counter('sent', '')(3, { signal: 'logs' });
  env.meter.counter('sent', '')(4, { exporter: 'other' });
  env.meter.gauge('up', '', () => [{ value: 1 }]);
  expect(counted).toEqual([
    ['sent', 3, { exporter: 'out/b', signal: 'logs' }],
    ['sent', 4, { exporter: 'other' }],
  ]);
  expect(read[0]!()).toEqual([{ value: 1, labels: { exporter: 'out/b' } }]);
});

test('a batch for several pipelines is taken when all of them have it', async () => {
  const batch = { signal: 'traces', bytes: new Uint8Array(1), items: 1 } as const;
  const outcome = (...errors: (Error | undefined)[]) =>
    fanOut(errors.map((error) => ({ consume: () => (error ? Promise.reject(error) : Promise.resolve()) })))
      .consume(batch)
      .then(
        () => 'taken',
        (error: Error) => error,
      );
  const invalid = new InvalidData('bad');
  const short = new Overloaded('full', 1000);
  const long = new Overloaded('fuller', 5000);
  expect(await outcome(undefined, undefined)).toBe('taken');
  expect(await outcome(undefined, short, long)).toBe(long);
  expect(await outcome(invalid, invalid)).toBe(invalid);
  expect(await outcome(invalid, short)).toBe(short);
  expect(await outcome(invalid, undefined)).toBe(invalid);
});

test('data that comes by no receiver goes to an exporter by the pipeline that does least besides', async () => {
  const { graph, events } = setup(`traces: {receivers: [in], processors: [hold], exporters: [out, out/b]},
    traces/plain: {receivers: [in/b], exporters: [out]}, logs: {receivers: [in], exporters: [out/b]}`);
  expect(graph.pipelineTo('out/b', 'traces')?.id).toBe('traces');
  expect(graph.pipelineTo('out', 'logs')).toBeUndefined();
  const pipeline = graph.pipelineTo('out', 'traces')!;
  expect(pipeline.id).toBe('traces/plain');
  await graph.start();
  events.splice(0);
  const before = pipeline.end;
  expect(pipeline.hasDelivered('out', before)).toBe(true);
  await pipeline.input.consume({ signal: 'traces', bytes: new Uint8Array(5), items: 5 });
  expect(pipeline.end).toBeGreaterThan(before);
  await expect.poll(() => pipeline.hasDelivered('out', pipeline.end)).toBe(true);
  expect(events).toEqual(['out gets 5 traces']);
  expect(pipeline.hasDelivered('out/b', before)).toBe(false);
});
