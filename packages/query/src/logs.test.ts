import { unixNanos, type LogRecord, type SpanId, type TraceId } from '@throughline/model';
import { openTestStore, type TestStore } from '@throughline/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogPage } from './api/log-schemas.ts';
import type { LogPage as Page, Problem } from './api/types.ts';
import { createApi } from './create-api.ts';
import { serveApi, type ServedApi } from './testing/serve-api.ts';

const traceId = 'c'.repeat(32) as TraceId;
const spanId = '00000000000000cc' as SpanId;
const ago = (seconds: number) => unixNanos(BigInt(Date.now() - seconds * 1000) * 1_000_000n);

function record(seconds: number, body: string, more: Partial<LogRecord> = {}): LogRecord {
  return {
    time: ago(seconds),
    observedTime: ago(seconds),
    traceId: undefined,
    spanId: undefined,
    flags: 0,
    severity: 9,
    severityText: 'INFO',
    eventName: '',
    body,
    attributes: {},
    droppedAttributes: 0,
    resource: { attributes: { 'service.name': 'shop' }, schemaUrl: '', droppedAttributes: 0 },
    scope: { name: 'logger', version: '', attributes: {}, schemaUrl: '', droppedAttributes: 0 },
    ...more,
  };
}

let test: TestStore;
let served: ServedApi;
beforeAll(async () => {
  test = await openTestStore();
  await test.writeLogs([
    record(7200, 'two hours ago', { traceId }),
    record(30, 'opened', { traceId, spanId, attributes: { user: 'ann', items: 3n } }),
    record(20, 'refused', { severity: 17, severityText: 'ERROR' }),
    record(10, 'closed'),
  ]);
  const api = createApi({
    store: test.store,
    allowPurge: false,
    status: () => Promise.reject(new Error('nobody asks')),
    log: { warn: () => {}, error: () => {} },
  });
  served = await serveApi(api, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await served.close();
  await test.close();
});

async function ask(query: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${served.url}/throughline/v1/logs${query}`);
  return { status: response.status, body: await response.json() };
}
const bodies = async (query: string) => ((await ask(query)).body as Page).logs.map(({ body }) => body);

describe('GET /logs', () => {
  it('answers as the description says, typed and whole', async () => {
    const { body } = await ask('?text=opened');
    expect(LogPage.strict().parse(body)).toEqual(body);
    expect((body as Page).logs).toMatchObject([
      {
        id: expect.stringMatching(/^\d{19}-[0-9a-f]{16}$/) as string,
        service: 'shop',
        severity: 9,
        trace_id: traceId,
        span_id: spanId,
        body: 'opened',
        body_type: 'string',
        attributes: [
          { key: 'user', type: 'string', value: 'ann' },
          { key: 'items', type: 'int', value: 3 },
        ],
        scope: { name: 'logger' },
      },
    ]);
  });

  it.each([
    ['', ['closed', 'refused', 'opened']],
    ['?order=oldest', ['opened', 'refused', 'closed']],
    ['?severity=warn', ['refused']],
    ['?service=shop&limit=1', ['closed']],
    ['?service=nobody', []],
    [`?trace_id=${traceId}`, ['opened', 'two hours ago']],
    [`?trace_id=${traceId.toUpperCase()}&span_id=${spanId}`, ['opened']],
    [`?conditions=${encodeURIComponent('[{"key":"items","op":"=","value":3}]')}`, ['opened']],
    ['?start=0', ['closed', 'refused', 'opened', 'two hours ago']],
  ])('%s: what is asked for, of the last hour unless it says otherwise', async (query, expected) => {
    expect(await bodies(query)).toEqual(expected);
  });

  it('gives page after page', async () => {
    const first = (await ask('?limit=2')).body as Page;
    const second = (await ask(`?limit=2&cursor=${first.next_cursor}`)).body as Page;
    expect(second.logs.map(({ body }) => body)).toEqual(['opened']);
    expect(second.next_cursor).toBeUndefined();
  });

  it.each([
    ['?severity=loud', 'query severity'],
    ['?trace_id=12', 'query trace_id: expected 32 or 16 hex digits'],
    ['?limit=1001', 'query limit'],
    ['?cursor=x', 'query cursor: this is not a cursor'],
    ['?start=5&end=4', 'query end: must be later than start'],
    ['?sevice=x', 'query sevice: is not known'],
  ])('refuses %s, saying where', async (query, detail) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect((body as Problem).detail).toContain(detail);
  });

  it('lists the services of records', async () => {
    expect((await ask('/services')).body).toEqual({ services: [{ name: 'shop', logs: 4, errors: 1 }] });
    expect((await ask(`/services?start=${ago(600)}`)).body).toEqual({
      services: [{ name: 'shop', logs: 3, errors: 1 }],
    });
  });
});
