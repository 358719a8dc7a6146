import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { connect } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { type Broker, kafka, nats, redis } from 'throughline-brokers';
import { unlessMissing } from 'throughline-brokers/testing';
import { type TestContext, describe, expect, test } from 'vitest';
import { closedPort, tcpServer } from '../testing/servers.ts';
import { doctor } from './doctor.ts';
import { setup } from './doctor.test-kit.ts';

const { examined, closing, receiver, found } = setup();

describe('a hop over HTTP', () => {
  test('gets the marked context, and tells with its answer that it is in the trace', async () => {
    let seen: Record<string, unknown> = {};
    const url = await receiver((request, response) => {
      seen = request.headers;
      response.setHeader('traceresponse', request.headers['traceparent'] ?? '').end();
    });
    const { findings, traceId, ok } = await doctor({ folder: examined.folder, http: [url] });
    expect(seen).toMatchObject({
      traceparent: expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-03$`)),
      tracestate: 'throughline=probe',
      baggage: 'throughline.probe=true',
    });
    expect(findings.at(-1)).toMatchObject({ status: 'ok', context: { traceId: true } });
    expect(ok).toBe(true);
  });

  test('that answers in another trace is a problem', async () => {
    const url = await receiver((_request, response) =>
      response
        .setHeader('server-timing', `traceparent;desc="00-${'a'.repeat(32)}-${'b'.repeat(16)}-01"`)
        .end(),
    );
    expect(await found('hop', { http: [url] })).toEqual([
      'problem http://HOST: HTTP 200, answered in another trace: the context was lost on the way',
    ]);
  });

  test('that tells nothing deserves a warning where Throughline cannot be asked', async () => {
    const url = await receiver((_request, response) => response.end());
    expect(await found('hop', { http: [url] })).toEqual([
      'warning http://HOST: HTTP 200; who joined the trace is not known, because Throughline cannot be asked (http://HOST: connect ECONNREFUSED HOST)',
    ]);
  });

  test('that is not there is a problem', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    expect(await found('hop', { http: [`http://ann:secret@${address}/`], grpc: [address] })).toEqual([
      'problem http://HOST/: no answer (connect ECONNREFUSED HOST)',
      'problem grpc HOST: no answer (connect ECONNREFUSED HOST)',
    ]);
  });
});

describe('a hop over gRPC', () => {
  test('gets the marked context with a call that every service understands', async () => {
    const seen: Metadata[] = [];
    const server = new Server();
    const check = {
      path: '/shop.Stock/Count',
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      requestSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    server.addService(
      { Count: check },
      {
        Count: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
          seen.push(call.metadata);
          done(null, call.request);
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      const bound = (error: Error | null, at: number): void => (error ? reject(error) : resolve(at));
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound);
    });
    closing.push(() => server.forceShutdown());
    const address = `127.0.0.1:${port}`;
    expect(await found('hop', { grpc: [address, `${address}/shop.Stock/Count`] })).toEqual([
      expect.stringMatching(/^warning grpc HOST: it answers, and has no health check; who joined/),
      expect.stringMatching(/^warning grpc HOST\/shop\.Stock\/Count: it answers with status 0; who joined/),
    ]);
    expect(seen[0]?.get('tracestate')).toEqual(['throughline=probe']);
    expect(seen[0]?.get('traceparent')).toHaveLength(1);
  });
});

async function started(context: TestContext, start: () => Promise<Broker>): Promise<string> {
  const broker = await unlessMissing(start, (reason) => context.skip(reason));
  closing.push(() => broker.stop());
  return broker.url;
}

describe('a broker', () => {
  const whole = { traceId: true, tracestate: true, baggage: true };

  test('of Redis passes the whole context on in a message', async (context) => {
    const { findings } = await doctor({ folder: examined.folder, redis: [await started(context, redis)] });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of Redis that wants a password is a problem that names it, and not the password', async (context) => {
    const url = new URL(await started(context, redis));
    url.password = 'secret';
    expect((await found('hop', { redis: [url.href] })).join()).toMatch(
      /^problem redis:\/\/HOST\/?: no message came through \(.*AUTH|WRONGPASS/,
    );
  });

  test('of NATS passes the whole context on in headers', async (context) => {
    const { findings } = await doctor({ folder: examined.folder, nats: [await started(context, nats)] });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of NATS that takes no headers is a problem', async () => {
    const old = await tcpServer((socket) => socket.write('INFO {"headers":false}\r\n'));
    closing.push(() => old.close());
    expect((await found('hop', { nats: [`nats://127.0.0.1:${old.port}`] }))[0]).toBe(
      'problem nats://HOST: the server takes no headers, so no context goes with messages',
    );
  });

  test('that changes what passes through it has lost the context', async (context) => {
    const url = new URL(await started(context, redis));
    // What a gateway in between may do: members that it does not know are not passed on.
    const gateway = await tcpServer((socket) => {
      const upstream = connect(Number(url.port), url.hostname);
      upstream.on('data', (data) => socket.write(String(data).replace('"_otel"', '"_xxxx"')));
      socket.on('data', (data) => upstream.write(data)).on('close', () => upstream.destroy());
    });
    closing.push(() => gateway.close());
    expect(await found('hop', { redis: [`redis://127.0.0.1:${gateway.port}`] })).toEqual([
      'problem redis://HOST: the context is lost, in a message that was published and received',
    ]);
  });

  test('of Kafka passes the whole context on in headers', { timeout: 90_000 }, async (context) => {
    const url = await started(context, kafka);
    const here = import.meta.dirname;
    expect(await found('hop', { folder: here, kafka: [url] })).toEqual([
      'warning kafka HOST: it answers (1 broker); no message was sent',
    ]);
    const topic = `doctor-${process.pid}`;
    expect(await found('hop', { folder: here, kafka: [url], topic })).toEqual([
      `problem kafka HOST: it has no topic ${topic}`,
    ]);
    const admin = new Kafka({ brokers: [url], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await admin.disconnect();
    const { findings } = await doctor({ folder: here, kafka: [url], topic });
    expect(findings.at(-1)).toMatchObject({ check: 'hop', status: 'ok', context: whole });
  });

  test('of Kafka is not tried where the application has no client for it', async () => {
    expect(await found('hop', { kafka: [examined.nobody] })).toEqual([
      'warning kafka HOST: not tried, because kafkajs cannot be found from here',
    ]);
  });
});
