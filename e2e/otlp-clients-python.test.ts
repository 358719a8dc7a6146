import { Overloaded } from '@throughline/model';
import { describe, expect } from 'vitest';
import { receiver } from './otlp-clients/receiver.ts';
import { pythonClient, testsWith } from './otlp-clients/toolchain.ts';

describe('Python', () => {
  const test = testsWith(pythonClient);

  for (const protocol of ['grpc', 'http'] as const)
    for (const compression of ['none', 'gzip'])
      test(`the OpenTelemetry SDK sends by ${protocol}, compression ${compression}`, async (run) => {
        const it = await receiver();
        const result = await run(protocol, protocol === 'grpc' ? `http://${it.grpc}` : it.http, compression);
        const spans = it.spans();
        const { traceId } = spans[0]!;
        expect(result).toEqual({ traceId, flushed: true });
        expect(spans).toHaveLength(51);
        expect(spans.find(({ name }) => name === 'step 7')).toMatchObject({
          status: 'error',
          statusMessage: 'broken',
          attributes: { i: 7n, f: 0.5, b: true, s: ['größer', 'b'] },
          events: [{ name: 'tick' }],
          links: [{ traceId }],
          resource: { attributes: { 'service.name': 'python-shop' } },
          scope: { name: 'e2e', version: '1.2.3' },
        });
        expect(it.records()).toMatchObject([{ body: 'hello', severity: 9, traceId }]);
      });

  for (const protocol of ['grpc', 'http'] as const)
    test(`the OpenTelemetry SDK comes back by ${protocol} when it is told to`, async (run) => {
      const it = await receiver();
      let refusals = 1;
      it.traces.before = () => {
        if (refusals-- > 0) throw new Overloaded('the journal is full', 20);
      };
      await run(protocol, protocol === 'grpc' ? `http://${it.grpc}` : it.http, 'gzip');
      expect(it.spans()).toHaveLength(51);
      expect(it.env.count('otelcol_receiver_refused_spans')).toBe(51);
    });
});
