import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces, untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

const prefix = '/ops/tracing';

let program: Throughline;
let browser: Browser;
let proxy: Server;
let traceId: string;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  proxy = await reverseProxy(program.url('UI and API'));
  [traceId = ''] = await sendTraces(program.url('OTLP/HTTP'), [
    { service: 'shop', name: 'GET /', startMs: Date.now() - 1_000, durationMs: 30 },
  ]);
  await untilStored(program.url('UI and API'), 1);
});
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await browser?.close();
  await program?.stop();
});

/** Serves `target` below the prefix and nothing else, as nginx and others do. */
async function reverseProxy(target: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url!.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end('outside of the prefix');
      return;
    }
    const headers = { ...incoming.headers, 'x-forwarded-prefix': prefix };
    const onward = request(target + incoming.url!.slice(prefix.length), {
      method: incoming.method!,
      headers,
    });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('works from a sub-path behind a reverse proxy', async () => {
  const { page, errors } = await openPage(browser);
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  await page.goto(`${origin}${prefix}/`);
  await page.waitForURL(`${origin}${prefix}/search`);
  await page.getByLabel('Span duration, at least').fill('1ms');
  await page.keyboard.press('Enter');
  await page.waitForURL(/min=1ms/);
  await page.getByRole('link', { name: /shop/ }).click();
  await page.waitForURL(`${origin}${prefix}/trace/${traceId}`);
  await page.getByText('GET /').first().waitFor();
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await page.waitForURL(`${origin}${prefix}/search?min=1ms`);
  await page.getByRole('link', { name: /shop/ }).waitFor();
  await page.getByRole('switch', { name: 'Live' }).focus();
  await page.keyboard.press('Space');
  await page.getByText('arriving now').waitFor();
  await page.reload();
  await page.getByText('arriving now').waitFor();
  expect(errors).toEqual([]);
});
