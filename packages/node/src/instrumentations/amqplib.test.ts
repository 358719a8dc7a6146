import { trace } from '@opentelemetry/api';
import type { PublishInfo } from '@opentelemetry/instrumentation-amqplib';
import { afterEach, expect, test, vi } from 'vitest';
import { withMessagingConventions } from './amqplib.ts';

afterEach(() => vi.unstubAllEnvs());

test('baggage goes along with a message only where it is asked for', () => {
  const span = trace.getTracer('test').startSpan('publish');
  const sent = (): object => {
    const headers = { traceparent: '00-…', baggage: 'user=ann', tenant: 'blue' };
    const info = { exchange: '', routingKey: 'work', content: Buffer.from('x'), options: { headers } };
    withMessagingConventions().publishHook?.(span, info as unknown as PublishInfo);
    return headers;
  };
  expect(sent()).toEqual({ traceparent: '00-…', tenant: 'blue' });
  vi.stubEnv('THROUGHLINE_MESSAGING_BAGGAGE', 'on');
  expect(sent()).toEqual({ traceparent: '00-…', baggage: 'user=ann', tenant: 'blue' });
});
