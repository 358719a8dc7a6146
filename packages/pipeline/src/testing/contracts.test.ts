import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidData, Overloaded, StartError } from '@throughline/model';
import { z } from 'zod';
import {
  defineExporter,
  defineExtension,
  defineProcessor,
  defineReceiver,
  type Listener,
} from '../component.ts';
import { formatEndpoint, listenEndpoint, type Endpoint } from '../config/endpoint.ts';
import { receiverMetrics } from '../receiver-metrics.ts';
import { exporterContract, extensionContract, processorContract, receiverContract } from './index.ts';

// The kits against the smallest components that keep the contracts.

const endpointConfig = z
  .strictObject({ endpoint: listenEndpoint('127.0.0.1:1').describe('Where.') })
  .describe('Small.');

function listen(
  server: Server,
  { host, port }: Endpoint,
  listening: (listener: Listener) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new StartError(error.message)));
    server.listen(port, host, () => {
      listening({
        what: 'small',
        url: `http://${formatEndpoint({ host, port: (server.address() as AddressInfo).port })}`,
      });
      resolve();
    });
  });
}
const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));
const sameAddress = (listeners: readonly Listener[]) => ({ endpoint: new URL(listeners[0]!.url).host });

const receiver = defineReceiver({
  type: 'small',
  signals: ['traces'],
  config: endpointConfig,
  create({ endpoint }, next, env) {
    const metrics = receiverMetrics(env);
    const server = createServer((request, response) => {
      const items = Number(request.headers['x-items']);
      next.traces!.consume({ signal: 'traces', bytes: new Uint8Array(items), items }).then(
        () => {
          metrics.accepted('traces', items, 'http');
          response.writeHead(200, { connection: 'close' }).end();
        },
        (error: unknown) => {
          metrics.refused('traces', items, 'http');
          response.writeHead(error instanceof InvalidData ? 400 : 503, { connection: 'close' }).end();
        },
      );
    });
    return { start: () => listen(server, endpoint, env.listening), stop: () => close(server) };
  },
});

receiverContract('a small receiver', async () => ({
  definition: receiver,
  section: { endpoint: '127.0.0.1:0' },
  signal: 'traces',
  async send(listeners, items) {
    const { status } = await fetch(listeners[0]!.url, {
      method: 'POST',
      headers: { 'x-items': String(items) },
    });
    return status === 200 ? 'taken' : status === 400 ? 'refused' : 'try again';
  },
  sameAddress,
}));

exporterContract('a small exporter', async () => {
  let how = 'normally';
  let received = 0;
  return {
    definition: defineExporter({
      type: 'small',
      signals: ['traces'],
      config: z.strictObject({}).describe('Small.'),
      create: () => ({
        start: async () => {},
        stop: async () => {},
        delivery: { maxBytes: 1000, maxDelayMs: 0 },
        async deliver(range) {
          if (how === 'never takes it') throw new InvalidData('no');
          if (how === 'busy') throw new Overloaded('busy', 7000);
          if (how === 'fails') throw new Error('down');
          if (how === 'silent')
            await new Promise((_, reject) =>
              range.abort.addEventListener('abort', () => reject(new Error('aborted'))),
            );
          for await (const batch of range.batches()) received += batch.items;
        },
      }),
    }),
    section: {},
    batches: [1, 2].map((items) => ({ signal: 'traces', bytes: new Uint8Array(items), items })),
    received: async () => received,
    answer: async (next) => void (how = next),
  };
});

processorContract('a small processor', async () => ({
  definition: defineProcessor({
    type: 'small',
    signals: ['traces'],
    config: z.strictObject({}).describe('Small.'),
    create: (_config, next) => ({
      start: async () => {},
      stop: async () => {},
      consume: (batch) => next.consume(batch),
    }),
  }),
  section: {},
  batches: [1, 2].map((items) => ({ signal: 'traces', bytes: new Uint8Array(items), items })),
}));

extensionContract('a small extension', async () => ({
  definition: defineExtension({
    type: 'small',
    config: endpointConfig,
    create({ endpoint }, _ready, env) {
      const server = createServer((_request, response) => response.end());
      return { start: () => listen(server, endpoint, env.listening), stop: () => close(server) };
    },
  }),
  section: { endpoint: '127.0.0.1:0' },
  sameAddress,
}));
