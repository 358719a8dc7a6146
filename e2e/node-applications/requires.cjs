const { useAll } = require('./use-all.cjs');

void useAll({
  amqplib: require('amqplib'),
  express: require('express'),
  fastify: require('fastify'),
  grpc: require('@grpc/grpc-js'),
  ioredis: require('ioredis'),
  pg: require('pg'),
  redis: require('redis'),
});
