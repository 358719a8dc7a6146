import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { drawnTrace, sendSpans, shopOrder } from './support/map-traces.ts';
import { Throughline } from './support/throughline.ts';
import { untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

const now = Date.now();
const orders = 60;

let program: Throughline;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  const spans = Array.from({ length: orders }, (_, n) =>
    drawnTrace(shopOrder(n % 20 === 0), now - 45 * 60_000 + n * 20_000),
  ).flat();
  await sendSpans(program.url('OTLP/HTTP'), spans);
  await untilStored(program.url('UI and API'), spans.length);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});
afterEach(async () => {
  await page.context().close();
  expect(errors).toEqual([]);
});

/** Opens a map, and waits until it shows something. */
async function open(address = '/map', options: Parameters<typeof openPage>[1] = {}): Promise<void> {
  if (!page || page.isClosed()) ({ page, errors } = await openPage(browser, options));
  await page.goto(program.url('UI and API') + address);
  await cards().first().or(page.getByText('in this time')).first().waitFor();
}

const cards = () => page.locator('[data-node]');
const card = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}, `) });
const panel = (what = 'Node') => page.getByRole('region', { name: `${what} details` });
const address = () => new URL(page.url()).searchParams;

/** Where an edge can be clicked: the middle of its line. */
async function middleOf(from: string, to: string): Promise<{ x: number; y: number }> {
  const edge = page.locator('[data-edge]', { has: page.locator(`title:text("${from} → ${to},")`) });
  return edge
    .locator('path')
    .first()
    .evaluate((element) => {
      const path = element as SVGPathElement;
      const point = path.getPointAtLength(path.getTotalLength() * 0.5);
      const { x, y } = point.matrixTransform(path.getScreenCTM()!);
      return { x, y };
    });
}

async function figure(within: Locator, name: string): Promise<string> {
  const line = within.locator('dl > div', { has: page.getByText(name, { exact: true }) });
  return (await line.locator('dd').innerText()).trim();
}

test('shows services, topics, databases and what sends no spans, with who calls whom', async () => {
  ({ page, errors } = await openPage(browser));
  await page.goto(`${program.url('UI and API')}/search`);
  await page.getByRole('link', { name: 'Map' }).click();
  await card('payment').waitFor();
  expect(new URL(page.url()).pathname).toBe('/map');
  const labels = await cards().evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')!));
  expect(labels.map((label) => label.split(', ').slice(0, 2).join(': ')).toSorted()).toEqual([
    'api.bank.example: external',
    'billing: service',
    'cache: redis database',
    'catalogue: service',
    'frontend: service',
    'mail: service',
    'mails: nats topic',
    'orders: kafka topic',
    'payment: service',
    'payments: postgresql database',
    'products: postgresql database',
    'smtp.example:587: external',
    'stock: postgresql database',
    'warehouse: service',
    'web: service',
  ]);
  expect(await page.locator('[data-edge]').count()).toBe(14);
  expect(await card('payment').getAttribute('aria-label')).toMatch(
    /^payment, service, [\d.]+\/(min|h), 5 % failed, p95 1\d\d ms$/,
  );
  expect(await card('orders').getAttribute('aria-label')).toContain('waits 1');
});

test('leads from a service to its failed traces, of the same time', async () => {
  await open('/map?last=3h');
  await card('payment').click();
  await panel().getByRole('heading', { name: 'payment' }).waitFor();
  expect(address().get('node')).toBe('payment');
  expect(await figure(panel(), 'Errors')).toBe('5 % 3 failed');
  expect(await figure(panel(), 'Rate')).toContain('60 in all');
  await panel()
    .getByRole('img', { name: /^Errors: at most [1-9].* at \d/ })
    .waitFor();
  await panel().getByRole('link', { name: 'Errors' }).click();
  await page.waitForURL(/\/search\?/);
  expect(Object.fromEntries(address())).toEqual({ service: 'payment', status: 'error', last: '3h' });
  await page.getByText('3 traces', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Map' }).click();
  await panel().getByRole('heading', { name: 'payment' }).waitFor();
  expect(address().get('last')).toBe('3h');
});

test('tells of an edge how long messages wait, and leads to their traces', async () => {
  await open('/map?focus=warehouse');
  const { x, y } = await middleOf('orders', 'warehouse');
  await page.mouse.click(x, y);
  await panel('Edge')
    .getByRole('heading', { name: /orders.*warehouse/ })
    .waitFor();
  expect([address().get('node'), address().get('to')]).toEqual(['topic:kafka orders', 'warehouse']);
  const [p50, p95] = (await figure(panel('Edge'), 'In the queue')).split(' · ').map((text) => parseInt(text));
  expect([p50! > 110 && p50! < 160, p95! > 110 && p95! < 160]).toEqual([true, true]);
  await panel('Edge').getByRole('link', { name: 'Traces' }).click();
  await page.getByText('60 traces', { exact: true }).waitFor();
  expect(Object.fromEntries(address())).toEqual({ service: 'warehouse', kind: 'consumer', text: 'orders' });
  await page.goBack();
  await panel('Edge')
    .getByRole('button', { name: /warehouse/ })
    .click();
  await panel().getByRole('heading', { name: 'warehouse' }).waitFor();
});

test.each([
  ['database:postgresql stock', '60 traces'],
  ['external:api.bank.example', '60 traces'],
  ['topic:nats mails', '60 traces'],
])('leads from %s to the traces of those that use it', async (id, found) => {
  await open(`/map?${new URLSearchParams({ node: id })}`);
  await panel().getByRole('link', { name: 'Traces' }).click();
  await page.getByText(found, { exact: true }).waitFor();
});

test('is walked with the keyboard: along, around a node, and back', async () => {
  await open();
  await page.keyboard.press('ArrowRight');
  await panel().getByRole('heading', { name: 'web' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await panel().getByRole('heading', { name: 'frontend' }).waitFor();
  await page.keyboard.press('o');
  await page.getByRole('button', { name: 'Around frontend: show all' }).waitFor();
  await expectCards(['billing', 'catalogue', 'frontend', 'orders', 'payment', 'warehouse', 'web']);
  expect(address().get('focus')).toBe('frontend');
  await page.keyboard.press('Escape');
  await panel().waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await card('smtp.example:587').waitFor();
  expect([...address()]).toEqual([]);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Show what it has to do with').waitFor();
});

async function expectCards(names: readonly string[]): Promise<void> {
  await eventually(async () => {
    const labels = await cards().evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')!));
    return (
      labels
        .map((label) => label.split(',')[0])
        .toSorted()
        .join() === names.join()
    );
  });
}

test('finds nodes by their names and systems', async () => {
  await open();
  await page.keyboard.press('f');
  await page.keyboard.type('POSTGRES');
  await page.getByText('0 of 3', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('1 of 3', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('2 of 3', { exact: true }).waitFor();
  expect(address().get('find')).toBe('POSTGRES');
  expect(await page.locator('[data-state=match]').count()).toBe(2);
  await page.getByLabel('Find in the map').fill('nothing of the kind');
  await page.getByText('Nothing found').waitFor();
});

test('says when nothing was sent in the time, and offers a longer one', async () => {
  await open('/map?start=2020-01-01T00:00:00.000Z&end=2020-01-01T01:00:00.000Z');
  await page.getByText('No service sent spans in this time').waitFor();
  await page.getByRole('button', { name: 'Look at the last day' }).click();
  await card('web').waitFor();
  expect(Object.fromEntries(address())).toEqual({ last: '1d' });
  await open('/map?focus=nobody');
  await page.getByText('Nothing is known of nobody in this time').waitFor();
  await page.getByRole('button', { name: 'Show all services' }).click();
  await card('web').waitFor();
});

test('is drawn anew while it is live', async () => {
  await open('/map?live=on');
  await card('web').waitFor();
  expect(await page.getByRole('switch', { name: 'Live' }).isChecked()).toBe(true);
  const spans = drawnTrace('newcomer: GET / server 0..10\n  web: GET / server 1..9', Date.now() - 1_000);
  await sendSpans(program.url('OTLP/HTTP'), spans);
  await card('newcomer').waitFor({ timeout: 20_000 });
});

test('shows an error in its place, and asks again', async () => {
  ({ page, errors } = await openPage(browser));
  const broken = '**/throughline/v1/service-map*';
  await page.route(broken, (route) =>
    route.fulfill({ status: 400, json: { type: 'about:blank', title: 'Bad Request', status: 400 } }),
  );
  await page.goto(`${program.url('UI and API')}/map`);
  await page.getByRole('alert').getByText('Bad Request').waitFor();
  await page.unroute(broken);
  await page.getByRole('button', { name: 'Try again' }).click();
  await card('web').waitFor();
  await page.route(broken, (route) =>
    route.fulfill({ status: 400, json: { type: 'about:blank', title: 'Bad Request', status: 400 } }),
  );
  await page.keyboard.press('r');
  await page.getByText(/^Could not be asked again; as of \d\d:/).waitFor();
  expect(await card('web').isVisible()).toBe(true);
  // The browser itself tells of the answer with an error.
  errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('400')));
});

const selections = ['/map?node=payment&find=pay', '/map?node=topic%3Akafka+orders&to=billing&focus=billing'];
const empty = '/map?last=1s&focus=nobody';

test.each([
  { colorScheme: 'light', width: 1440, height: 900, paths: ['/map', ...selections, empty] },
  { colorScheme: 'dark', width: 1024, height: 700, paths: selections },
  { colorScheme: 'light', width: 390, height: 800, paths: selections.slice(0, 1) },
] as const)(
  'has no serious violation and fits, $colorScheme, $width wide',
  async ({ colorScheme, width, height, paths }) => {
    for (const path of paths) {
      await open(path, { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
      if (path.includes('node=')) await page.getByLabel('Close details').waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    }
  },
  120_000,
);
