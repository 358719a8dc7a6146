import { StartError } from '@throughline/model';
import { expect, test } from 'vitest';
import { Metrics, MetricsServer } from './metrics.ts';

const lines = async (metrics: Metrics, prefix: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(prefix));

test('counters of one name are one counter, with a line for each set of labels', async () => {
  const metrics = new Metrics();
  metrics.meter.counter('spans', 'Spans.')(2, { receiver: 'a' });
  metrics.meter.counter('spans', 'Spans.')(3, { receiver: 'a' });
  metrics.meter.counter('spans', 'Spans.')(1, { receiver: 'b"\n', transport: 'grpc' });
  expect(await lines(metrics, 'spans')).toEqual([
    'spans{receiver="a"} 5',
    'spans{receiver="b\\"\\n",transport="grpc"} 1',
  ]);
  expect(await lines(metrics, '# ')).toEqual(
    expect.arrayContaining(['# HELP spans Spans.', '# TYPE spans counter']),
  );
});

test('gauges are read when they are asked for', async () => {
  const metrics = new Metrics();
  let value = 1;
  metrics.meter.gauge('level', 'Level.', () => [{ value }]);
  expect(await lines(metrics, 'level')).toEqual(['level 1']);
  value = 2;
  expect(await lines(metrics, 'level')).toEqual(['level 2']);
});

test('a gauge of two components has a line for each', async () => {
  const metrics = new Metrics();
  for (const exporter of ['a', 'b'])
    metrics.meter.gauge('up', 'Up.', () => [{ value: 1, labels: { exporter } }]);
  expect(await lines(metrics, 'up')).toEqual(['up{exporter="a"} 1', 'up{exporter="b"} 1']);
});

test('a port that is in use is refused in one sentence', async () => {
  const first = new MetricsServer(new Metrics());
  const { port } = await first.listen({ host: '127.0.0.1', port: 0 });
  const second = new MetricsServer(new Metrics());
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(
    new StartError(`metrics cannot be served on 127.0.0.1:${port}: the port is in use by another program`),
  );
  await first.close();
});
