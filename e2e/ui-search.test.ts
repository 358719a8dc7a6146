import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces, type SpanToSend } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

const minute = 60_000;
const now = Date.now();

/** 240 visits over 40 minutes, each a little slower than the one before it in time; every 20th fails. */
const visits: SpanToSend[] = Array.from({ length: 240 }, (_, i) => ({
  service: 'frontend',
  name: i % 2 === 0 ? 'GET /product/:id' : 'GET /basket',
  startMs: now - 45 * minute + i * 10_000,
  durationMs: 20 + i,
  error: i % 20 === 0,
  attributes: {
    'http.response.status_code': i % 20 === 0 ? 503 : 200,
    'user.tier': i % 3 === 0 ? 'gold' : 'silver',
  },
  children: [
    { service: 'basket', name: 'list', startMs: now - 45 * minute + i * 10_000 + 5, durationMs: 10 },
  ],
}));

/** One order, slower than all visits, in the middle of their time. */
const order: SpanToSend = {
  service: 'checkout',
  name: 'POST /order',
  startMs: now - 30 * minute,
  durationMs: 5_000,
  attributes: { 'order.id': 'A-4711', 'order.note': 'two  spaces', 'order.total': 99.5 },
  resource: { 'host.name': 'box-1' },
  children: [{ service: 'payment', name: 'charge', startMs: now - 30 * minute + 100, durationMs: 4_000 }],
};

let program: Throughline;
let browser: Browser;
let page: Page;
let errors: string[];
let orderId: string;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  const ids = await sendTraces(program.url('OTLP/HTTP'), [...visits, order]);
  orderId = ids.at(-1)!;
  await eventually(async () => (await found('limit=1000')) === visits.length + 1);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});
afterEach(async () => {
  await page.context().close();
  expect(errors).toEqual([]);
});

async function found(parameters: string): Promise<number> {
  const answer = await fetch(`${program.url('UI and API')}/throughline/v1/traces?${parameters}`);
  return ((await answer.json()) as { traces: unknown[] }).traces.length;
}

/** Opens a search, and waits until it shows something. */
async function search(address = '/search'): Promise<void> {
  if (!page || page.isClosed()) ({ page, errors } = await openPage(browser));
  await page.goto(program.url('UI and API') + address);
  await page.locator('canvas').or(page.getByText('No trace')).first().waitFor();
}

const filter = () => page.getByLabel('Filter by attribute or text');
const option = (name: RegExp | string) => page.getByRole('option', { name });
const rows = () => page.getByRole('list', { name: 'Traces' }).getByRole('link');
const expectFound = (text: string) => page.getByText(text, { exact: true }).waitFor();
const address = () => new URL(page.url()).searchParams;

test('goes from the root of the server to the search', async () => {
  await search('/');
  expect(new URL(page.url()).pathname).toBe('/search');
  await expectFound('100+ traces');
});

test('shows of each trace its root, duration, services, spans and errors', async () => {
  await search('/search?service=checkout');
  await expectFound('1 trace');
  const text = await rows().first().innerText();
  expect(text.split(/\s*\n+\s*/)).toEqual(
    expect.arrayContaining(['checkout', 'POST /order', '5 s', '2', '–']),
  );
  await search('/search?status=error');
  await expectFound('12 traces');
});

test('finds by service and operation, offered with their counts', async () => {
  await search();
  await page.getByRole('combobox', { name: 'Service' }).click();
  await option(/^frontend\s*240$/).waitFor();
  await page.keyboard.type('check');
  await option(/checkout/).click();
  await expectFound('1 trace');
  await page.getByRole('combobox', { name: 'Operation' }).click();
  await option(/POST \/order/).click();
  await page.waitForURL(/operation=POST/);
  expect(address().get('service')).toBe('checkout');
  await expectFound('1 trace');
});

test('finds by an operation without a service, and by kind', async () => {
  await search();
  await page.getByRole('combobox', { name: 'Operation' }).fill('GET /basket');
  await page.keyboard.press('Enter');
  await page.waitForURL(/operation=/);
  await expectFound('100+ traces');
  await search('/search?kind=client&service=payment');
  await expectFound('1 trace');
  await search('/search?kind=server&service=payment');
  await page.getByText('No trace matches in this time').waitFor();
});

test('completes keys, operators and values from what is stored, with the keyboard alone', async () => {
  await search();
  await page.keyboard.press('/');
  await page.keyboard.type('order.');
  await option(/order\.id/).waitFor();
  await page.keyboard.press('ArrowDown');
  await expectSelected(/order\.id.*string.*1/s);
  await page.keyboard.press('Enter');
  await expectSelected(/^=/);
  await page.keyboard.press('Enter');
  await option(/A-4711/).waitFor();
  await expectSelected(/A-4711/);
  await page.keyboard.press('Enter');
  await expectFound('1 trace');
  expect(address().getAll('where')).toEqual(['order.id = A-4711']);
  await page.getByRole('button', { name: 'Remove order.id = A-4711' }).click();
  await expectFound('100+ traces');
});

async function expectSelected(text: RegExp): Promise<void> {
  await page.locator('[data-combobox-selected]', { hasText: text }).waitFor();
}

test.each([
  ['http.response.status_code >= 500', '12 traces'],
  ['http.response.status_code>=500', '12 traces'],
  ['http.response.status_code != 200', '12 traces'],
  ['order.total > 99', '1 trace'],
  ['order.note = "two  spaces"', '1 trace'],
  ['order.note contains spaces', '1 trace'],
  ['order.id exists', '1 trace'],
  ['resource:host.name = box-1', '1 trace'],
])('takes the typed condition %s', async (text, result) => {
  await search();
  await filter().fill(text);
  await option(/as typed|exists|^\d/)
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/where=/);
  await expectFound(result);
});

test('holds several conditions at once and edits one in its place', async () => {
  await search('/search?where=user.tier+%3D+gold&where=http.response.status_code+%3D+503');
  await expectFound('4 traces');
  await page.getByRole('button', { name: 'user.tier = gold', exact: true }).click();
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await page.keyboard.press('End');
  for (let i = 0; i < 4; i++) await page.keyboard.press('Backspace');
  await page.keyboard.type('silver');
  await page.keyboard.press('Enter');
  await expectFound('8 traces');
  expect(address().getAll('where').toSorted()).toEqual([
    'http.response.status_code = 503',
    'user.tier = silver',
  ]);
});

test('finds a text anywhere in a span', async () => {
  await search();
  await page.keyboard.press('/');
  await page.keyboard.type('a-4711');
  await page.keyboard.press('Enter');
  await expectFound('1 trace');
  expect(address().get('text')).toBe('a-4711');
});

test('tells bounds of a span from bounds of the trace', async () => {
  await search();
  await page.getByLabel('Span duration, at least').fill('3s');
  await page.getByLabel('Span duration, at most').fill('4.5s');
  await page.keyboard.press('Enter');
  await expectFound('1 trace');
  expect(address().get('min')).toBe('3s');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expectFound('100+ traces');
  await page.getByLabel('Trace duration, at least').fill('3s');
  await page.getByLabel('Trace duration, at most').fill('4.5s');
  await page.keyboard.press('Enter');
  await page.getByText('No trace matches in this time').waitFor();
  await page.getByLabel('Trace duration, at least').fill('soon');
  await page.keyboard.press('Enter');
  expect(await page.getByLabel('Trace duration, at least').getAttribute('aria-invalid')).toBe('true');
  expect(address().get('minTrace')).toBe('3s');
});

test('restores everything from its address', async () => {
  const link =
    '/search?service=frontend&status=error&where=user.tier+%3D+silver&min=100ms&last=6h&sort=longest';
  await search(link);
  await expectFound('6 traces');
  expect(await page.getByRole('combobox', { name: 'Service' }).inputValue()).toBe('frontend');
  expect(await page.getByLabel('Span duration, at least').inputValue()).toBe('100ms');
  expect(await page.getByRole('radio', { name: 'Error' }).isChecked()).toBe(true);
  expect(await page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('Longest first');
  await page.getByRole('button', { name: 'Time range: Last 6 hours' }).waitFor();
  expect(new URL(page.url()).search).toBe(new URL(link, 'http://x').search);
});

test('looks back from now, or at fixed times', async () => {
  await search();
  const button = page.getByRole('button', { name: /^Time range/ });
  await button.click();
  await page.getByRole('button', { name: 'Last 15 minutes' }).click();
  await page.waitForURL(/last=15m/);
  await page.getByText(/^[345]\d traces$/).waitFor();
  await button.click();
  await page.getByLabel('How many').fill('2');
  await page.getByRole('combobox', { name: 'Unit' }).click();
  await option('days').click();
  await page.getByRole('button', { name: 'Apply' }).first().click();
  await page.waitForURL(/last=2d/);
  await button.click();
  await page.getByLabel('From').fill(new Date(order.startMs - minute).toISOString());
  await page.getByLabel('To', { exact: true }).fill(String(order.startMs + minute));
  await page.keyboard.press('Enter');
  await page.waitForURL(/start=/);
  await expectFound('13 traces');
  await page.goBack();
  await page.waitForURL(/last=2d/);
});

test('orders the list', async () => {
  await search();
  await page.getByRole('combobox', { name: 'Order' }).click();
  await option('Longest first').click();
  await page.waitForURL(/sort=longest/);
  await rows().first().filter({ hasText: 'POST /order' }).waitFor();
  await page.getByRole('combobox', { name: 'Order' }).click();
  await option('Most errors first').click();
  await rows().first().filter({ hasText: '1' }).waitFor();
});

test('loads further pages as the list is scrolled', async () => {
  await search();
  await expectFound('100+ traces');
  const scroller = page.getByRole('list', { name: 'Traces' }).locator('..');
  await eventually(async () => {
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    return (await rows().allInnerTexts()).at(-1)?.includes('20 ms');
  });
  await expectFound('241 traces');
  expect(await rows().count()).toBeLessThan(80);
});

test('moves and opens with the keyboard, and comes back to the same place', async () => {
  await search();
  for (let i = 0; i < 130; i++) {
    await page.keyboard.press('j');
    if (i === 90) await page.getByText('200+ traces', { exact: true }).waitFor();
  }
  await page.keyboard.press('k');
  const text = await page.evaluate(() => (document.activeElement as HTMLElement).innerText);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/trace\/[0-9a-f]{32}/);
  await page.goBack();
  const current = page.locator('a[data-current]');
  expect(await current.innerText()).toBe(text);
  expect(await current.isVisible()).toBe(true);
});

test('shows the keys with ?', async () => {
  await search();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await help.getByText('Next trace').waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
});

test('names a trace of the plot under the pointer and opens it with a click', async () => {
  await search('/search?service=checkout');
  const [x, y] = await eventually(() => pixelOf('blue'));
  await page.mouse.move(x, y + 2);
  await page.getByText('checkout: POST /order').waitFor();
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForURL(new RegExp(`/trace/${orderId}`));
});

test('draws traces with errors in another colour', async () => {
  await search('/search?service=frontend&status=error');
  await eventually(() => pixelOf('red'));
  expect(await pixelOf('blue')).toBeUndefined();
  await search('/search?service=checkout');
  await eventually(() => pixelOf('blue'));
  expect(await pixelOf('red')).toBeUndefined();
});

/** Where on the page the first pixel of a dot in the plot is. */
async function pixelOf(color: 'red' | 'blue'): Promise<[number, number] | undefined> {
  const canvas = page.locator('canvas');
  const box = (await canvas.boundingBox())!;
  const at = await canvas.evaluate((element: HTMLCanvasElement, wanted) => {
    const { width, height } = element;
    const pixels = element.getContext('2d')!.getImageData(0, 0, width, height).data;
    for (let i = 0; i < pixels.length; i += 4) {
      const [red = 0, , blue = 0, alpha = 0] = pixels.slice(i, i + 4);
      const excess = wanted === 'red' ? red - blue : blue - red;
      if (alpha > 150 && excess > 80) return [(i / 4) % width, Math.floor(i / 4 / width)] as const;
    }
    return undefined;
  }, color);
  return at && [box.x + at[0], box.y + at[1]];
}

test('selects times and durations with the brush, which Back undoes', async () => {
  await search();
  await expectFound('100+ traces');
  const box = (await page.locator('canvas').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.3, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.4, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/minTrace=/);
  await expectFound('1 trace');
  await rows().first().filter({ hasText: 'POST /order' }).waitFor();
  expect(Date.parse(address().get('start')!)).toBeLessThan(order.startMs);
  expect(Date.parse(address().get('end')!)).toBeGreaterThan(order.startMs);
  await page.goBack();
  await expectFound('100+ traces');
  expect(address().get('start')).toBeNull();
});

test('says so when nothing matches, and offers more time', async () => {
  await search('/search?service=nobody&last=15m');
  await page.getByText('No trace matches in this time').waitFor();
  await page.getByRole('button', { name: 'Look at the last 14 days' }).click();
  await page.waitForURL(/last=14d/);
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expectFound('100+ traces');
});

test('opens a trace by its pasted id', async () => {
  await search();
  const field = page.getByLabel('Open a trace by its id');
  await field.fill('not an id');
  await page.keyboard.press('Enter');
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill(` ${orderId.toUpperCase()} `);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/trace/${orderId}`));
});

test('opens a trace whose id is pasted into the filter', async () => {
  await search();
  await filter().fill(orderId);
  await option(/Open the trace/).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/trace/${orderId}`));
});

test('answers an unknown address with a way back', async () => {
  ({ page, errors } = await openPage(browser));
  await page.goto(`${program.url('UI and API')}/nowhere`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.getByRole('link', { name: 'Search traces' }).click();
  await expectFound('100+ traces');
  errors = errors.filter((error) => !error.includes('404'));
});

test('goes back from a trace to the search that it was left for, and from there to an empty one', async () => {
  await search('/search?service=checkout&last=6h');
  await rows().first().click();
  await page.waitForURL(new RegExp(`/trace/${orderId}`));
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await page.waitForURL(/service=checkout/);
  await expectFound('1 trace');
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await expectFound('100+ traces');
  expect(new URL(page.url()).search).toBe('');
});
