const { useMessaging } = require('./use-messaging.cjs');

void useMessaging({
  nats: require('nats'),
  transport: require('@nats-io/transport-node'),
  jetstream: require('@nats-io/jetstream'),
  Kafka: require('kafkajs').Kafka,
  Redis: require('ioredis').Redis,
  redis: require('redis'),
});
