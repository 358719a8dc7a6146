import type { FastifyOtelInstrumentationOpts } from '@fastify/otel';
import type { AmqplibInstrumentationConfig } from '@opentelemetry/instrumentation-amqplib';
import type { ExpressInstrumentationConfig } from '@opentelemetry/instrumentation-express';
import type { IORedisInstrumentationConfig } from '@opentelemetry/instrumentation-ioredis';
import type { PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg';
import type { PinoInstrumentationConfig } from '@opentelemetry/instrumentation-pino';
import type { RedisInstrumentationConfig } from '@opentelemetry/instrumentation-redis';
import type { WinstonInstrumentationConfig } from '@opentelemetry/instrumentation-winston';
import { createRequire } from 'node:module';
import type { KafkaConfig } from '../messaging/kafka/config.ts';
import { KafkaJsInstrumentation } from '../messaging/kafka/kafkajs.ts';
import { NatsInstrumentation } from '../messaging/nats/instrumentation.ts';
import type { NatsConfig } from '../messaging/nats/types.ts';
import { withMessagingConventions } from './amqplib.ts';
import type { GrpcConfig } from './grpc-calls.ts';
import { GrpcInstrumentation } from './grpc.ts';
import type { InstrumentationClass, Library } from './package-hooks.ts';
import { sendingOnce } from './pino.ts';
import { withOwnTransports } from './winston.ts';

const require = createRequire(import.meta.url);

/** By the short name that OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS know it by. */
export const libraries = {
  grpc: { packages: ['@grpc/grpc-js'], load: () => GrpcInstrumentation },
  ioredis: { packages: ['ioredis'], load: official('ioredis', 'IORedisInstrumentation') },
  redis: {
    packages: ['redis', '@redis/client', '@node-redis/client'],
    load: official('redis', 'RedisInstrumentation'),
  },
  kafkajs: { packages: ['kafkajs'], load: () => KafkaJsInstrumentation },
  nats: {
    packages: ['nats', '@nats-io/nats-core', '@nats-io/jetstream'],
    load: () => NatsInstrumentation,
  },
  amqplib: {
    packages: ['amqplib'],
    load: official('amqplib', 'AmqplibInstrumentation'),
    configure: withMessagingConventions,
  },
  pg: { packages: ['pg', 'pg-pool'], load: official('pg', 'PgInstrumentation') },
  express: { packages: ['express'], load: official('express', 'ExpressInstrumentation') },
  fastify: {
    packages: ['fastify'],
    load: exported('@fastify/otel', 'FastifyOtelInstrumentation'),
    configure: (given) => ({ registerOnInitialization: true, ...given }),
  },
  pino: { packages: ['pino'], load: () => sendingOnce(official('pino', 'PinoInstrumentation')()) },
  winston: {
    packages: ['winston'],
    load: () => withOwnTransports(official('winston', 'WinstonInstrumentation')()),
  },
} satisfies Record<string, Library>;

/** What a configuration in code may say of each library. */
export interface LibraryConfigs {
  grpc?: GrpcConfig;
  ioredis?: IORedisInstrumentationConfig;
  redis?: RedisInstrumentationConfig;
  kafkajs?: KafkaConfig;
  nats?: NatsConfig;
  amqplib?: AmqplibInstrumentationConfig;
  pg?: PgInstrumentationConfig;
  express?: ExpressInstrumentationConfig;
  fastify?: FastifyOtelInstrumentationOpts;
  pino?: PinoInstrumentationConfig;
  winston?: WinstonInstrumentationConfig;
}

/** Of a package of OpenTelemetry's, loaded when it is called. */
function official(name: string, className: string): () => InstrumentationClass {
  return exported(`@opentelemetry/instrumentation-${name}`, className);
}

function exported(name: string, className: string): () => InstrumentationClass {
  return () => {
    const { [className]: Class } = require(name) as Record<string, InstrumentationClass>;
    if (!Class) throw new Error(`${name} has no ${className}`);
    return Class;
  };
}
