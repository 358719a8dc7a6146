import amqplib from 'amqplib';
import express from 'express';
import fastify from 'fastify';
import grpc from '@grpc/grpc-js';
import ioredis from 'ioredis';
import pg from 'pg';
import redis from 'redis';
import { useAll } from './use-all.cjs';

await useAll({ amqplib, express, fastify, grpc, ioredis: { Redis: ioredis }, pg, redis });
