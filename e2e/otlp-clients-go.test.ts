import { until } from '@throughline/components/testing';
import { Overloaded } from '@throughline/model';
import { decodeTraces } from '@throughline/wire';
import { describe, expect } from 'vitest';
import { receiver } from './otlp-clients/receiver.ts';
import { goClient, testsWith } from './otlp-clients/toolchain.ts';

interface Answer {
  readonly code: string;
  readonly message?: string;
  readonly retryDelay?: number;
  readonly rejected?: number;
}

describe('Go', () => {
  const test = testsWith(goClient);

  for (const protocol of ['grpc', 'http'] as const)
    for (const compression of ['none', 'gzip'])
      test(`the OpenTelemetry SDK sends by ${protocol}, compression ${compression}`, async (run) => {
        const it = await receiver();
        const result = await run(
          'sdk',
          protocol,
          protocol === 'grpc' ? it.grpc : new URL(it.http).host,
          compression,
        );
        const spans = it.spans();
        expect(result).toEqual({ traceId: spans[0]!.traceId, error: '' });
        expect(spans).toHaveLength(51);
        expect(spans.find(({ name }) => name === 'step 7')).toMatchObject({
          status: 'error',
          statusMessage: 'broken',
          attributes: { i: 7n, f: 0.5, b: true, s: ['größer', 'b'] },
          events: [{ name: 'tick' }],
          links: [{ traceId: spans[0]!.traceId }],
          resource: { attributes: { 'service.name': 'go-shop' } },
          scope: { name: 'e2e', version: '1.2.3' },
        });
      });

  for (const protocol of ['grpc', 'http'] as const)
    test(`the OpenTelemetry SDK comes back by ${protocol} when it is told to`, async (run) => {
      const it = await receiver();
      let refusals = 1;
      it.traces.before = () => {
        if (refusals-- > 0) throw new Overloaded('the journal is full', 20);
      };
      const result = await run(
        'sdk',
        protocol,
        protocol === 'grpc' ? it.grpc : new URL(it.http).host,
        'gzip',
      );
      expect(result).toMatchObject({ error: '' });
      expect(it.spans()).toHaveLength(51);
      expect(it.env.count('otelcol_receiver_refused_spans')).toBe(51);
    });

  test('gRPC gets every answer as gRPC means it', async (run) => {
    const it = await receiver();
    const release: (() => void)[] = [];
    it.traces.before = async ({ bytes, items }) => {
      if (items !== 1) return;
      const { name } = decodeTraces(bytes)[0]!;
      if (name.startsWith('overloaded')) throw new Overloaded('the journal is full', 1500);
      if (name.startsWith('broken')) throw new Error('disk on fire');
      if (name.startsWith('slow')) await new Promise<void>((resolve) => release.push(resolve));
    };
    const answers = (await run('wire', it.grpc)) as Record<string, Answer>;
    for (const goOn of release) goOn();
    const tooLarge = {
      code: 'ResourceExhausted',
      message: 'the message is larger than the limit of 4194304 bytes',
    };
    expect(answers).toEqual({
      good: { code: 'OK' },
      gzip: { code: 'OK' },
      empty: { code: 'OK' },
      'wrong ids': { code: 'OK', message: expect.stringContaining('span_id') as string, rejected: 1 },
      overloaded: { code: 'ResourceExhausted', message: 'the journal is full', retryDelay: 1.5 },
      broken: { code: 'Unavailable', message: 'disk on fire' },
      'too large': tooLarge,
      'too large, gzip': {
        code: 'ResourceExhausted',
        message: 'the decompressed message is larger than the limit of 4194304 bytes',
      },
      'unknown compression': {
        code: 'Unimplemented',
        message: 'the grpc-encoding backwards is not supported',
      },
      garbage: { code: 'InvalidArgument', message: expect.stringContaining('past the end') as string },
      metrics: {
        code: 'Unimplemented',
        message: 'unknown method /opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
      },
      slow: { code: 'DeadlineExceeded', message: expect.any(String) as string },
      'many at once': { code: 'OK' },
      'good at the end': { code: 'OK' },
    });
    const kept = 10 + 10 + 9 + 64 * 25_000 + 10 + 1;
    await until('the slow one is kept too', () => it.traces.items === kept);
  });
});
