import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect as connectCore } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Kafka } from 'kafkajs';
import { connect } from 'nats';
import { createClient } from 'redis';
import { useMessaging } from './use-messaging.cjs';

await useMessaging({
  nats: { connect },
  transport: { connect: connectCore },
  jetstream: { jetstream, jetstreamManager },
  Kafka,
  Redis,
  redis: { createClient },
});
