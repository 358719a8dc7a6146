import { connect } from 'amqplib';
import * as express from 'express';
import { fastify } from 'fastify';
import * as grpc from '@grpc/grpc-js';
import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { createClient } from 'redis';
import { useAll } from './use-all.cjs';

const libraries = { ioredis: { Redis }, pg: { Client, Pool }, redis: { createClient } };
await useAll({ ...libraries, amqplib: { connect }, express: express.default, fastify, grpc });
