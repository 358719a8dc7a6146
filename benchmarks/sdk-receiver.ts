// Takes OTLP and counts its spans, for sdk.ts: the least that a receiver can do.
import { checkTraces } from '@throughline/wire';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

let spans = 0;

const http = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    count(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});

const settings = { initialWindowSize: 4_194_304 };
const grpc = createHttp2Server({ settings }).on('stream', (stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    count(Buffer.concat(chunks).subarray(5));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
});

function count(body: Buffer): void {
  spans += checkTraces(body).batch.items;
}

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

http.listen(0, '127.0.0.1', () =>
  grpc.listen(0, '127.0.0.1', () => process.send!({ http: portOf(http), grpc: portOf(grpc) })),
);
process.on('message', () => process.send!(spans));
process.on('disconnect', () => process.exit(0));
