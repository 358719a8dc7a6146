import { Overloaded, unixNanos, type TraceId } from '@throughline/model';
import { openTestStore, type TestStore } from '@throughline/store/testing';
import {
  decodeLogs,
  decodeTraces,
  encodeTraces,
  logsFromJson,
  tracesToJson,
  type Batch,
  type Signal,
} from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ImportResult } from './api/import-schemas.ts';
import type { ImportResult as Result, Problem } from './api/types.ts';
import { createApi } from './create-api.ts';
import type { Intake } from './import/intake.ts';
import { serveApi, type ServedApi } from './testing/serve-api.ts';

let test: TestStore;
const served: ServedApi[] = [];
beforeAll(async () => {
  test = await openTestStore();
});
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()));
});
afterAll(() => test.close());

/** Writes into the store at once. */
const intake: Intake = {
  keeps: () => true,
  take: ({ signal, bytes }: Batch) =>
    signal === 'traces' ? test.write(decodeTraces(bytes)) : test.writeLogs(decodeLogs(bytes)),
  stored: async () => true,
};

async function serve(own?: Intake): Promise<string> {
  const api = createApi({
    store: test.store,
    ...(own && { intake: own }),
    allowPurge: false,
    status: () => Promise.reject(new Error('nobody asks')),
    log: { warn: () => {}, error: () => {} },
  });
  const one = await serveApi(api, { host: '127.0.0.1', port: 0 });
  served.push(one);
  return `${one.url}/throughline/v1`;
}

async function post(
  file: string | Uint8Array<ArrayBuffer>,
  own: Intake | undefined = intake,
  type = 'application/octet-stream',
): Promise<{ status: number; body: Result & Problem }> {
  const response = await fetch(`${await serve(own)}/import`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: file,
  });
  return { status: response.status, body: (await response.json()) as Result & Problem };
}

const old = unixNanos(1_400_000_000_000_000_000n);
let ids = 0;
/** A trace of long ago with an id of its own, in OTLP/JSON. */
function otlp(): { traceId: string; json: string } {
  const traceId = `${++ids}`.padStart(32, 'a');
  const spans = traceFromText('shop: GET /cart server 0..120\n  pay: charge 10..50 error', {
    traceId,
    start: old,
  });
  return { traceId, json: tracesToJson(encodeTraces(spans)) };
}
/** A log record of then. */
const record = (body: string) =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"${old}","body":{"stringValue":"${body}"}}]}]}]}`;

describe('POST /import', () => {
  it('stores the traces and log records of a file, however old, and tells what it was', async () => {
    const [one, two] = [otlp(), otlp()];
    const { status, body } = await post(
      Buffer.from(gzipSync([one.json, record('one'), two.json].join('\n'))),
    );
    expect(status).toBe(200);
    expect(ImportResult.strict().parse(body)).toEqual(body);
    expect(body).toMatchObject({
      formats: ['otlp'],
      spans: 4,
      logs: 1,
      trace_count: 2,
      stored: true,
      log_start: String(old),
      log_end: String(old),
      problems: [],
    });
    expect(body.traces).toMatchObject([
      {
        trace_id: one.traceId,
        root_service: 'shop',
        root_operation: 'GET /cart',
        spans: 2,
        errors: 1,
        start: String(old),
      },
      { trace_id: two.traceId },
    ]);
    const stored = await test.store.trace(one.traceId as never);
    expect(stored?.spans.map(({ name }) => name)).toEqual(['GET /cart', 'charge']);
  });

  it("stores Jaeger's and Zipkin's", async () => {
    const jaeger = {
      data: [
        {
          traceID: 'b1',
          spans: [{ traceID: 'b1', spanID: '1', operationName: 'x', startTime: 1e15 }],
          processes: {},
        },
      ],
    };
    const zipkin = [{ traceId: 'b2', id: '1', name: 'y', timestamp: 1e15 }];
    expect((await post(JSON.stringify(jaeger), intake, 'application/json')).body.formats).toEqual(['jaeger']);
    expect((await post(JSON.stringify(zipkin), intake, 'application/json')).body.formats).toEqual(['zipkin']);
    expect((await test.store.trace(`${'b2'.padStart(32, '0')}` as never))?.spans[0]?.name).toBe('y');
  });

  it('stores a trace that this API gave, as it was', async () => {
    const traceId = `${++ids}`.padStart(32, 'e') as TraceId;
    const [first, second] = traceFromText('shop: GET /cart server 0..120\n  pay: charge 10..50 error', {
      traceId,
      start: old,
    });
    const link = { traceId, spanId: first!.spanId, traceState: 's=1', droppedAttributes: 1, flags: 0 };
    const rich = {
      ...second!,
      traceState: 'a=1',
      statusMessage: 'no money',
      attributes: {
        text: '7',
        int: 7n,
        big: 2n ** 62n + 1n,
        double: 7,
        nan: NaN,
        bool: true,
        bytes: new Uint8Array([0, 255]),
        list: ['x', 1n, [true]],
        map: { inner: 1.5 },
        none: null,
      },
      events: [{ time: unixNanos(old + 5n), name: 'retry', attributes: { count: 2n }, droppedAttributes: 0 }],
      links: [{ ...link, attributes: { why: 'batch' } }],
      droppedLinks: 3,
    };
    await test.write([first!, rich]);
    await test.writeLogs(
      decodeLogs(
        logsFromJson(Buffer.from(record('of it').replace('"body"', `"traceId":"${traceId}","body"`))),
      ),
    );
    const url = await serve(intake);
    const downloaded = await (await fetch(`${url}/traces/${traceId}`)).text();
    const before = await test.store.trace(traceId);
    await test.store.purge();
    const { body } = await post(downloaded);
    expect(body).toMatchObject({ formats: ['throughline'], spans: 2, logs: 1, problems: [] });
    const after = await test.store.trace(traceId);
    expect(after?.spans).toEqual(before?.spans);
    expect(after?.logs).toEqual(before?.logs);
  });

  it('of the same file again adds nothing, and of one that has more of a trace only those', async () => {
    const { json, traceId } = otlp();
    const records = ['"stringValue": "once"', '"intValue": "7"', '"kvlistValue": {"values": []}'].map(
      (body, n) =>
        `{"timeUnixNano": "${old + BigInt(ids * 10 + n)}", "traceId": "${traceId}", "body": {${body}}}`,
    );
    const file = `${json}\n{"resourceLogs": [{"scopeLogs": [{"logRecords": [${records.join()}]}]}]}`;
    expect((await post(file)).body).toMatchObject({ spans: 2, logs: 3, known_spans: 0, known_logs: 0 });
    expect((await post(file)).body).toMatchObject({
      spans: 0,
      logs: 0,
      known_spans: 2,
      known_logs: 3,
      trace_count: 1,
      traces: [{ spans: 2 }],
      problems: [],
    });
    expect(await test.store.logs(traceId as never)).toHaveLength(3);
    const more = traceFromText(
      'shop: GET /cart server 0..120\n  pay: charge 10..50 error\n  mail: send 60..70',
      {
        traceId,
        start: old,
      },
    );
    expect((await post(tracesToJson(encodeTraces(more)))).body).toMatchObject({
      spans: 1,
      known_spans: 2,
      traces: [{ spans: 3 }],
    });
  });

  it('goes on without what it cannot use, and says where it is', async () => {
    const { body } = await post([otlp().json, 'nonsense', record('two')].join('\n'));
    expect(body).toMatchObject({
      spans: 2,
      logs: 1,
      problem_count: 1,
      problems: [{ place: 'line 2', message: 'this is not JSON' }],
    });
  });

  it.each([
    ['hello', 'line 1, column 1: this is not JSON'],
    ['', 'the file is empty'],
    ['{"a": 1}', 'this is JSON, but neither OTLP nor of Jaeger nor of Zipkin'],
    ['[{"traceId": "1", "id": "x"}]', '[0].id: expected up to 16 hex digits, got "x"'],
  ])('refuses %j, as nothing in it can be used', async (file, detail) => {
    const { status, body } = await post(file);
    expect(status).toBe(400);
    expect(body.detail).toContain(detail);
    expect(body.errors![0]).toMatchObject({ in: 'body' });
  });

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ''])(
    'takes %j from a program, and refuses it from a browser: a page of another site could send it',
    async (type) => {
      const url = await serve(intake);
      const send = async (more: Record<string, string>) => {
        const headers = { ...(type !== '' && { 'Content-Type': type }), ...more };
        const body = new Uint8Array(Buffer.from(otlp().json));
        return (await fetch(`${url}/import`, { method: 'POST', headers, body })).status;
      };
      expect(await send({ Origin: 'http://elsewhere.example' })).toBe(415);
      expect(await send({})).toBe(200);
    },
  );

  it('waits for room, and says what nobody stores', async () => {
    let attempts = 0;
    const crowded: Intake = {
      keeps: (signal: Signal) => signal === 'traces',
      async take(batch) {
        if (++attempts < 3) throw new Overloaded('the journal is full', 10);
        await intake.take(batch);
      },
      stored: async () => false,
    };
    const { body } = await post([otlp().json, record('three')].join('\n'), crowded);
    expect(attempts).toBe(3);
    expect(body).toMatchObject({
      spans: 2,
      logs: 0,
      stored: false,
      problems: [{ place: '', message: 'no pipeline here stores log records: 1 left out' }],
    });
  });

  it('is refused where nothing is stored', async () => {
    const response = await fetch(`${await serve()}/import`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(503);
  });

  it('is described', async () => {
    const answer = await fetch(`${await serve()}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, { post?: { responses: object } }> };
    expect(Object.keys(paths['/import']!.post!.responses)).toEqual([
      '200',
      '400',
      '413',
      '415',
      '503',
      '504',
    ]);
  });

  it('ends when the client goes away', async () => {
    const url = await serve(intake);
    const gone = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await setImmediate();
        controller.enqueue(Buffer.from(`${otlp().json}\n`));
      },
    });
    const answer = fetch(`${url}/import`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: endless,
      duplex: 'half',
      signal: gone.signal,
    } as RequestInit);
    setTimeout(() => gone.abort(), 300);
    await expect(answer).rejects.toThrow();
    // The next file has its turn.
    const response = await fetch(`${url}/import`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: otlp().json,
    });
    expect(response.status).toBe(200);
  });
});
