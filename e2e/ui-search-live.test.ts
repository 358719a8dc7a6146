import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces, untilStored, type SpanToSend } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

let program: Throughline;
let browser: Browser;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  await sendTraces(program.url('OTLP/HTTP'), [visit('old visit', 'shop')]);
  await untilStored(program.url('UI and API'), 1);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

function visit(name: string, service: string): SpanToSend {
  return { service, name, startMs: Date.now() - 1_000, durationMs: 30 };
}

test('shows matching traces as they arrive while live is on', async () => {
  const { page, errors } = await openPage(browser);
  await page.goto(`${program.url('UI and API')}/search?service=shop`);
  const row = (name: string) => page.getByRole('link', { name: new RegExp(name) });
  await row('old visit').waitFor();
  await page.getByRole('switch', { name: 'Live' }).focus();
  await page.keyboard.press('Space');
  await page.getByText('arriving now').waitFor();
  expect(new URL(page.url()).searchParams.get('live')).toBe('on');

  await sendTraces(program.url('OTLP/HTTP'), [visit('elsewhere', 'bank'), visit('new visit', 'shop')]);
  await row('new visit').waitFor();
  expect(await row('elsewhere').count()).toBe(0);
  expect(await page.getByRole('list', { name: 'Traces' }).getByRole('link').first().innerText()).toContain(
    'new visit',
  );

  await page.keyboard.press('l');
  await page.waitForURL((url) => !url.searchParams.has('live'));
  await row('new visit').waitFor();
  expect(errors).toEqual([]);
});

test('keeps what is read in its place while traces arrive above it', async () => {
  const { page } = await openPage(browser);
  const many = Array.from({ length: 60 }, (_, i) => visit(`read ${i}`, 'library'));
  await sendTraces(program.url('OTLP/HTTP'), many);
  await eventually(async () => {
    const answer = await fetch(
      `${program.url('UI and API')}/throughline/v1/traces?service=library&limit=100`,
    );
    return ((await answer.json()) as { traces: unknown[] }).traces.length === many.length;
  });
  await page.goto(`${program.url('UI and API')}/search?service=library&live=on`);
  await page.getByText('60 traces', { exact: true }).waitFor();
  const list = page.getByRole('list', { name: 'Traces' });
  await list.locator('..').evaluate((element) => element.scrollTo(0, 340));
  const read = list.getByRole('link').nth(12);
  const name = (await read.getAttribute('aria-label'))!;
  const place = () =>
    page.getByRole('link', { name, exact: true }).evaluate((row) => row.getBoundingClientRect().top);
  const before = await place();
  await sendTraces(program.url('OTLP/HTTP'), [{ ...visit('new', 'library'), startMs: Date.now() + 5_000 }]);
  await page.getByText('61 traces', { exact: true }).waitFor();
  expect(await place()).toBe(before);
});

test('holds the connection of live only while the page is on the screen', async () => {
  const { page } = await openPage(browser);
  const stream = (request: Request) => request.url().includes('/traces/stream');
  const begun = page.waitForRequest(stream);
  await page.goto(`${program.url('UI and API')}/search?service=shop&live=on`);
  await begun;
  const ended = page.waitForEvent('requestfailed', stream);
  await show(page, 'hidden');
  await ended;
  const again = page.waitForRequest(stream);
  await show(page, 'visible');
  await again;
  await sendTraces(program.url('OTLP/HTTP'), [visit('after the break', 'shop')]);
  await page.getByRole('link', { name: /after the break/ }).waitFor();
});

/** Tells the page what a browser tells it when its tab goes to the back or comes to the front. */
function show(page: Page, state: DocumentVisibilityState): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

test('goes on after the server was away, and says meanwhile that it is', async () => {
  const { page } = await openPage(browser);
  await page.goto(`${program.url('UI and API')}/search?service=shop`);
  await page.getByRole('link', { name: /old visit/ }).waitFor();
  await page.context().setOffline(true);
  await page.getByLabel('Span duration, at least').fill('1ms');
  await page.keyboard.press('Enter');
  await page.getByText('The server does not answer').waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: /old visit/ }).waitFor();
});
