export { type Broker, NotInstalled, type StartOptions } from './broker.ts';
export { kafka, startKafka } from './kafka.ts';
export { nats, startNats } from './nats.ts';
export { postgres, startPostgres } from './postgres.ts';
export { rabbitmq, startRabbitmq } from './rabbitmq.ts';
export { redis, startRedis } from './redis.ts';
