import type { Span } from '@opentelemetry/api';
import type {
  AmqplibInstrumentationConfig,
  ConsumeInfo,
  PublishInfo,
} from '@opentelemetry/instrumentation-amqplib';
import { baggageFromEnv } from '../messaging/settings.ts';

/**
 * Adds the present messaging conventions' attributes to the official instrumentation, which has those of 2021 alone.
 * Both sides name the destination alike, so that a publisher can be joined with who consumed what it published. Baggage
 * stays behind unless THROUGHLINE_MESSAGING_BAGGAGE asks for it.
 */
export function withMessagingConventions(
  given: AmqplibInstrumentationConfig = {},
): AmqplibInstrumentationConfig {
  return {
    ...given,
    publishHook: (span, info: PublishInfo) => {
      describe(span, 'send', 'publish', info.exchange, info.routingKey, info.content.length);
      const { headers } = (info.options ?? {}) as { headers?: Record<string, unknown> };
      if (headers && !baggageFromEnv()) delete headers['baggage'];
      given.publishHook?.(span, info);
    },
    consumeHook: (span, info: ConsumeInfo) => {
      const { fields, content } = info.msg;
      describe(span, 'process', 'process', fields.exchange, fields.routingKey, content.length);
      given.consumeHook?.(span, info);
    },
  };
}

function describe(
  span: Span,
  type: 'send' | 'process',
  name: string,
  exchange: string,
  routingKey: string,
  bytes: number,
): void {
  span.setAttributes({
    'messaging.operation.type': type,
    'messaging.operation.name': name,
    'messaging.destination.name': [exchange, routingKey].filter(Boolean).join(':'),
    'messaging.message.body.size': bytes,
    ...(routingKey && { 'messaging.rabbitmq.destination.routing_key': routingKey }),
  });
}
