import { otlpLogStream, start, traceFields } from '@throughline/node';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { multistream, pino } from 'pino';

// Takes documents in as Elasticsearch does: POST /<index>/_doc/. Every seventh is refused, for retries to be seen. It is a
// service like any other, traced by instrumentation alone.

const name = 'document_store';
process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ??= 'http';
const telemetry = start({ serviceName: name, flushOnExit: false });
const streams = multistream([{ stream: process.stdout }, { stream: otlpLogStream() }]);
const log = pino({ name, mixin: traceFields }, streams);
let taken = 0;

const server = createServer((request, response) => {
  const [, index] = /^\/([^/]+)\/_doc\/$/.exec(request.url ?? '') ?? [];
  request.resume().once('end', () => {
    if (request.method !== 'POST' || index === undefined) return response.writeHead(404).end();
    taken++;
    const busy = taken % 7 === 0;
    if (busy) log.warn(`too busy for another document in ${index}`);
    else log.info(`a document in ${index}`);
    response.writeHead(busy ? 503 : 201, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(busy ? { error: 'too busy' } : { _index: index, _id: String(taken) }));
  });
});
server.listen(Number(process.env['PORT'] ?? 9200), '127.0.0.1', () => {
  log.info(`listening on port ${(server.address() as AddressInfo).port}`);
});

const stop = (): void => {
  server.close();
  server.closeAllConnections();
  void telemetry.shutdown(1000).then(() => process.exit());
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
process.once('disconnect', stop);
