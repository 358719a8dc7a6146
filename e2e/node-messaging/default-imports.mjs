import jetstream from '@nats-io/jetstream';
import transport from '@nats-io/transport-node';
import Redis from 'ioredis';
import kafkajs from 'kafkajs';
import nats from 'nats';
import redis from 'redis';
import { useMessaging } from './use-messaging.cjs';

await useMessaging({ nats, transport, jetstream, Kafka: kafkajs.Kafka, Redis, redis });
