import type { Browser } from 'playwright-core';
import type { SearchResult, ServiceMap } from '@throughline/query/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { HelloTracing } from './support/hello-tracing.ts';
import { traceOnce, treeOf } from './support/telemetry-receiver.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';
import { buildUiOnce } from './support/ui-build.ts';

let receiver: Awaited<ReturnType<typeof throughlineReceiver>>;
let example: HelloTracing;
let browser: Browser;

beforeAll(async () => {
  await buildUiOnce();
  [receiver, browser] = await Promise.all([throughlineReceiver(), launchBrowser()]);
  example = await HelloTracing.start(receiver);
});
afterAll(async () => {
  await Promise.all([example?.stop(), browser?.close()]);
  await receiver?.close();
});

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(new URL(`/throughline/v1/${path}`, receiver.program.url('UI and API')));
  return (await response.json()) as Answer;
}

/** The trace id as an operator has it: from the gateway's newest log line. */
const newestTraceId = (): string =>
  example.gateway.log.findLast(({ trace_id }) => trace_id !== undefined)?.trace_id ?? '';

test('the trace of a log line has the spans and the lines of both services', async () => {
  await example.get('/');
  await example.get('/hello');
  const { spans, logs } = await traceOnce(
    receiver,
    newestTraceId(),
    (seen) => seen.spans.length === 5 && seen.logs.length === 2,
  );
  expect(treeOf(spans)).toBe(`hello-tracing-gateway: incoming request
  hello-tracing-gateway: hello-handler
    hello-tracing-gateway: hello-backend-client
      hello-tracing-backend: incoming request
        hello-tracing-backend: hello-handler
`);
  expect(spans.map(({ kind }) => kind)).toEqual(['server', 'internal', 'client', 'server', 'internal']);
  expect(logs.map(({ service, body, severity }) => [service, body, severity])).toEqual([
    ['hello-tracing-backend', 'answering', 5],
    ['hello-tracing-gateway', 'received response from Hello', 5],
  ]);
  const { traces } = await ask<SearchResult>('traces?service=hello-tracing-backend');
  expect(traces.map(({ trace_id }) => trace_id)).toEqual([newestTraceId()]);
});

test('the service map has one edge, from the gateway to the backend', async () => {
  const { edges } = await eventually(async () => {
    const map = await ask<ServiceMap>('service-map');
    return map.edges.length > 0 && map;
  });
  expect(edges).toMatchObject([
    { from: 'hello-tracing-gateway', to: 'hello-tracing-backend', kind: 'call', errors: 0 },
  ]);
});

test('one click leads from a log line to the trace, and one from the trace to the lines', async () => {
  await example.get('/v0/hello');
  const traceId = newestTraceId();
  await traceOnce(receiver, traceId, ({ spans, logs }) => spans.length === 5 && logs.length === 2);
  const { page, errors } = await openPage(browser);
  const lines = page.getByRole('list', { name: 'Log records' }).getByRole('listitem');
  await page.goto(`${receiver.program.url('UI and API')}/logs?trace=${traceId}`);
  const line = lines.filter({ hasText: 'received response from Hello' });
  await line.getByRole('link').click();
  await page.waitForURL(new RegExp(`/trace/${traceId}`));
  await page.getByRole('row').filter({ hasText: 'hello-backend-client' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'answering' }).waitFor();

  await page.getByRole('tab', { name: /Logs/ }).click();
  await page.getByRole('link', { name: 'Open in Logs' }).click();
  await page.waitForURL(/\/logs\?/);
  await lines.nth(1).waitFor();
  const texts = await lines.allInnerTexts();
  expect(texts).toHaveLength(2);
  for (const [service, text] of [
    ['hello-tracing-backend', 'answering'],
    ['hello-tracing-gateway', 'received response from Hello'],
  ])
    expect(texts.filter((each) => each.includes(service ?? '') && each.includes(text ?? ''))).toHaveLength(1);
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a backend that is down is found by its error, with the line that says why', async () => {
  await example.backend.stop();
  expect((await example.get('/hello')).status).toBe(500);
  const traceId = newestTraceId();
  const { spans, logs } = await traceOnce(
    receiver,
    traceId,
    (seen) => seen.spans.length === 3 && seen.logs.length === 1,
  );
  expect(treeOf(spans)).toBe(`hello-tracing-gateway: incoming request !
  hello-tracing-gateway: hello-handler !
    hello-tracing-gateway: hello-backend-client !
`);
  expect(logs[0]).toMatchObject({
    body: 'internal error',
    severity: 17,
    attributes: {
      error: expect.stringMatching(/^cannot call the backend at http:\/\/127\.0\.0\.1:\d+: 14 UNAVAILABLE/),
    },
  });
  const { traces } = await ask<SearchResult>('traces?status=error');
  expect(traces.map(({ trace_id }) => trace_id)).toEqual([traceId]);
});
