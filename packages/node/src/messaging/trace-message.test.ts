import { ROOT_CONTEXT, type Span, SpanKind, context, diag, propagation, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { extract, inject } from './propagate.ts';
import { traced as tracing } from './testing/traced.ts';
import { tracePublish } from './trace-publish.ts';
import { traceProcess } from './trace-process.ts';

const collected = tracing();
let said: string;
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const orders = { system: 'kafka', destination: 'orders' };
const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const other = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01';
const only = async (): Promise<ReadableSpan> => (await collected.take(1))[0] as ReadableSpan;

describe('tracePublish', () => {
  test('makes a span that is active while the message is sent, so that it is the one injected', async () => {
    const headers = tracePublish(orders, () => inject({}));
    const span = await only();
    expect([span.name, span.kind]).toEqual(['send orders', SpanKind.PRODUCER]);
    expect(trace.getSpanContext(extract(headers))?.spanId).toBe(span.spanContext().spanId);
  });

  test('says what is known of the message by the semantic conventions', async () => {
    tracePublish(
      {
        ...orders,
        operation: 'publish',
        messageId: '7',
        bodySize: 3,
        messageCount: 2,
        consumerGroup: 'billing',
        partition: 0,
        server: { address: 'broker', port: 9092 },
        attributes: { 'kafka.offset': 9, 'messaging.system': 'redpanda' },
      },
      () => {},
    );
    const span = await only();
    expect(span.name).toBe('publish orders');
    expect(span.attributes).toEqual({
      'messaging.system': 'redpanda',
      'messaging.system.name': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.message.id': '7',
      'messaging.message.body.size': 3,
      'messaging.batch.message_count': 2,
      'messaging.consumer.group.name': 'billing',
      'server.address': 'broker',
      'server.port': 9092,
      'kafka.offset': 9,
    });
  });

  test('names spans without what has many values, or as the caller says', async () => {
    tracePublish({ ...orders, destination: 'orders.17', template: 'orders.*' }, () => {});
    tracePublish({ ...orders, destination: '_INBOX.x', temporary: true }, () => {});
    tracePublish({ ...orders, name: 'broker publish' }, () => {});
    const spans = await collected.take(3);
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      'broker publish',
      'send (temporary)',
      'send orders.*',
    ]);
  });

  test('is under the context given, else under the active one', async () => {
    tracePublish({ ...orders, context: extract({ traceparent: sent }) }, () => {});
    expect((await only()).parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    context.with(extract({ traceparent: other }), () => tracePublish(orders, () => {}));
    expect((await only()).parentSpanContext?.spanId).toBe('c7ad6b7169203331');
  });
});

describe('traceProcess', () => {
  test('makes a child of the sender, with nothing active but it and the baggage that came', async () => {
    const carrier = { traceparent: sent, baggage: 'user=ann' };
    const here = propagation.setBaggage(
      ROOT_CONTEXT,
      propagation.createBaggage({ here: { value: 'secret' } }),
    );
    const seen = context.with(here, () =>
      traceProcess({ ...orders, carrier }, (span) => [
        trace.getActiveSpan() === span,
        inject({}, { baggage: true }),
      ]),
    );
    const span = await only();
    expect([span.name, span.kind]).toEqual(['process orders', SpanKind.CONSUMER]);
    expect(span.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
    expect(seen).toEqual([true, expect.objectContaining({ baggage: 'user=ann' })]);
    expect(span.attributes).toMatchObject({ 'messaging.operation.type': 'process' });
  });

  test('makes a root with a link to the sender, by option or by variable', async () => {
    const carrier = { traceparent: sent, baggage: 'user=ann' };
    const user = traceProcess(
      { ...orders, carrier, relation: 'link' },
      () => propagation.getActiveBaggage()?.getEntry('user')?.value,
    );
    vi.stubEnv('THROUGHLINE_MESSAGING_CONSUMERS', 'link');
    traceProcess({ ...orders, carrier }, () => {});
    for (const span of await collected.take(2)) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.spanContext().traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
      expect(span.links.map((link) => link.context.spanId)).toEqual(['b7ad6b7169203331']);
    }
    expect(user).toBe('ann');
  });

  test('makes a root with a link to each sender of a batch', async () => {
    const carriers = [{ traceparent: sent }, undefined, { traceparent: 'x' }, { traceparent: other }];
    traceProcess({ ...orders, system: 'batched', carriers }, () => {});
    const span = await only();
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links.map((link) => link.context.spanId)).toEqual(['b7ad6b7169203331', 'c7ad6b7169203331']);
    expect(span.attributes['messaging.batch.message_count']).toBe(4);
  });

  test('takes a context extracted before, and further links', async () => {
    const link = { context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } };
    traceProcess({ ...orders, context: extract({ traceparent: sent }), links: [link] }, () => {});
    const span = await only();
    expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(span.links).toMatchObject([link]);
  });

  test('starts a new trace for a message without a context, also inside another span', async () => {
    const tracer = trace.getTracer('test');
    tracer.startActiveSpan('poll', (poll) => {
      traceProcess(orders, () => {});
      traceProcess({ ...orders, carrier: {} }, () => {});
      traceProcess({ ...orders, carrier: { baggage: 'user=ann', tracestate: 'a=1' } }, () => {});
      poll.end();
    });
    const spans = await collected.take(4);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(4);
    expect(said).toBe('');
  });

  test('starts a new trace for a broken context, and says so once for each system', async () => {
    const broken = [{ traceparent: '00-x' }, { traceparent: '\n'.repeat(1000) }, '{"traceparent"', { b: 1 }];
    for (const carrier of broken) traceProcess({ ...orders, carrier }, () => {});
    traceProcess({ ...orders, system: 'nats', carrier: '{' }, () => {});
    expect((await collected.take(5)).map((span) => span.parentSpanContext)).toEqual(Array(5).fill(undefined));
    expect(said.split('\n')).toEqual([
      'throughline: a message from kafka has a context that cannot be read (traceparent: ["00-x"]) and starts a new trace; this is said once',
      expect.stringMatching(/^throughline: a message from nats has a context that cannot be read \(.+\)/),
      '',
    ]);
  });

  test('is not sampled where the sender was not', async () => {
    const headers = traceProcess(
      { ...orders, carrier: { traceparent: sent.replace(/01$/, '00') } },
      (span) => {
        expect(span.isRecording()).toBe(false);
        return inject({});
      },
    );
    expect(headers).toMatchObject({
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-.*-00$/),
    });
    traceProcess(orders, () => {});
    expect((await only()).name).toBe('process orders');
  });
});

for (const [name, traced] of Object.entries({ tracePublish, traceProcess }))
  describe(name, () => {
    const failed = async (span: ReadableSpan, type: string, message: string): Promise<void> => {
      expect(span.status).toEqual({ code: 2, message });
      expect(span.attributes['error.type']).toBe(type);
      expect(span.events.map((event) => [event.name, event.attributes?.['exception.message']])).toEqual([
        ['exception', message],
      ]);
    };

    test('returns what was returned', async () => {
      expect(traced(orders, () => 7)).toBe(7);
      await expect(traced(orders, async () => 8)).resolves.toBe(8);
      expect((await collected.take(2)).map((span) => span.status.code)).toEqual([0, 0]);
    });

    test('records what is thrown, and throws it', async () => {
      const error = new TypeError('no');
      expect(() =>
        traced(orders, () => {
          throw error;
        }),
      ).toThrow(error);
      await failed(await only(), 'TypeError', 'no');
    });

    test('records what a promise is rejected with, and rejects with it', async () => {
      const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      await expect(traced(orders, () => Promise.reject(error))).rejects.toBe(error);
      await failed(await only(), 'ECONNREFUSED', 'refused');
    });

    test('takes anything that is thrown', async () => {
      const strange: unknown = Object.create(null);
      await expect(traced(orders, () => Promise.reject(strange as Error))).rejects.toBe(strange);
      await failed(await only(), '_OTHER', '[Object: null prototype] {}');
    });

    test('ends its span when the promise is settled, and once', async () => {
      const complaints: string[] = [];
      const note = (text: string): void => void complaints.push(text);
      diag.setLogger({ error: note, warn: note, info: note, debug: () => {}, verbose: () => {} });
      let ended: Span | undefined;
      let release = (): void => {};
      const done = traced(orders, async (span) => {
        ended = span;
        await new Promise<void>((resolve) => (release = resolve));
        expect(span.isRecording()).toBe(true);
        span.end();
      });
      expect(ended?.isRecording()).toBe(true);
      release();
      await done;
      expect(ended?.isRecording()).toBe(false);
      expect((await collected.take(1)).length).toBe(1);
      diag.disable();
      expect(complaints).toEqual([]);
    });
  });
