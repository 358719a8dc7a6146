import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import type { Listener } from '@throughline/pipeline';
import { exporterContract, extensionContract, receiverContract } from '@throughline/pipeline/testing';
import { checkTraces, encodeTraces, rpcStatus, tracesToJson } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { debug, healthCheck, otlp, otlpHttp } from './index.ts';

const spans = (count: number) =>
  encodeTraces(
    traceFromText(Array.from({ length: count }, (_, i) => `shop: step${i} ${i}..${i + 1}`).join('\n')),
  );
const hostOf = (listeners: readonly Listener[]) => new URL(listeners.at(-1)!.url).host;

for (const type of ['application/x-protobuf', 'application/json'])
  receiverContract(`otlp over HTTP, ${type}`, async () => ({
    definition: otlp,
    section: { protocols: { http: { endpoint: '127.0.0.1:0', cors: { allowed_origins: ['*'] } } } },
    signal: 'traces',
    async send(listeners, items) {
      const body = spans(items);
      const { status: answered } = await fetch(`${listeners.at(-1)!.url}/v1/traces`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: type === 'application/json' ? tracesToJson(body) : Buffer.from(body),
      });
      return answered === 200 ? 'taken' : answered === 400 ? 'refused' : 'try again';
    },
    sameAddress: (listeners) => ({ protocols: { http: { endpoint: hostOf(listeners) } } }),
  }));

receiverContract('otlp over gRPC', async () => ({
  definition: otlp,
  section: {
    protocols: {
      grpc: { endpoint: '127.0.0.1:0', keepalive: { server_parameters: {}, enforcement_policy: {} } },
    },
  },
  signal: 'traces',
  send: (listeners, items) =>
    new Promise((resolve, reject) => {
      const client = new Client(hostOf(listeners), credentials.createInsecure());
      client.makeUnaryRequest(
        '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes) => bytes,
        spans(items),
        new Metadata(),
        (error) => {
          client.close();
          if (!error) resolve('taken');
          else if (error.code === status.INVALID_ARGUMENT) resolve('refused');
          else if (error.code === status.RESOURCE_EXHAUSTED || error.details === 'disk broken')
            resolve('try again');
          else reject(error);
        },
      );
    }),
  sameAddress: (listeners) => ({ protocols: { grpc: { endpoint: hostOf(listeners) } } }),
}));

extensionContract('health_check', async () => ({
  definition: healthCheck,
  section: { endpoint: '127.0.0.1:0', response_body: { healthy: 'yes' } },
  sameAddress: (listeners) => ({ endpoint: hostOf(listeners) }),
}));

for (const encoding of ['proto', 'json'])
  exporterContract(`otlp_http, ${encoding}`, async () => {
    let received = 0;
    let how = 'normally';
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (how === 'silent') return;
        const type = { 'Content-Type': 'application/x-protobuf' };
        const refuse = (code: number, message: string) => rpcStatus({ code, message });
        if (how === 'never takes it') return response.writeHead(400, type).end(refuse(3, 'wrong'));
        if (how === 'busy')
          return response.writeHead(429, { ...type, 'Retry-After': '7' }).end(refuse(8, 'busy'));
        if (how === 'fails') return response.writeHead(503, type).end(refuse(14, 'down'));
        const body = Buffer.concat(chunks);
        received +=
          encoding === 'json' ? body.toString().split('"spanId"').length - 1 : checkTraces(body).batch.items;
        return response.writeHead(200, type).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      definition: otlpHttp,
      section: {
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        compression: 'none',
        compression_params: {},
        headers: { 'X-Key': 'a' },
        encoding,
      },
      batches: [1, 2].map((items) => ({ signal: 'traces', bytes: spans(items), items })),
      received: async () => received,
      answer: async (next) => void (how = next),
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  });

exporterContract(
  'debug',
  async () => ({
    definition: debug,
    section: { verbosity: 'detailed' },
    batches: [1, 2].map((items) => ({ signal: 'traces', bytes: spans(items), items })),
    received: async () => 0,
    answer: async () => {},
  }),
  {
    'resolves when the backend has the whole range': 'it has no backend; its own tests read what it writes',
    'delivers the same range again when it is asked to': 'it has no backend',
    'rejects with InvalidData what the backend will never take': 'it has no backend',
    'rejects with another error while the backend fails, and delivers once it does not': 'it has no backend',
    'passes on when a busy backend wants to be asked again': 'it has no backend',
    'gives up a delivery that is aborted': 'it has no backend',
  },
);
