import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { pageTrace } from './support/ui-graph-data.ts';
import { bigTrace, sendSpans } from './support/ui-trace-data.ts';

const wide = '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b';
const big = '0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c';

let server: Throughline;
let browser: Browser;
let url: string;

beforeAll(async () => {
  await buildUiOnce();
  [server, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  url = server.url('UI and API');
  const now = Date.now() - 60_000;
  await sendSpans(server.url('OTLP/HTTP'), wide, now, pageTrace(300));
  await sendSpans(server.url('OTLP/HTTP'), big, now, bigTrace(100_000));
  await eventually(async () => {
    const status = await fetch(`${url}/throughline/v1/status`);
    return ((await status.json()) as { spans: { stored: number } }).spans.stored === 100_300;
  }, 60_000);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it('300 nodes are arranged in a worker, begin at the root, and are reached by the small map and the field', async () => {
  const { page, errors } = await openPage(browser);
  const workers: string[] = [];
  page.on('worker', (worker) => workers.push(worker.url()));
  await page.goto(`${url}/trace/${wide}?tab=graph`);
  const cards = page.locator('[data-node]');
  await cards.first().waitFor();
  expect(workers.some((each) => each.includes('elk-worker'))).toBe(true);
  expect(await cards.count()).toBe(300);
  const root = page.getByRole('button', { name: /operation number 0,/ });
  const box = (await root.boundingBox())!;
  expect(box.width).toBeGreaterThan(160);
  expect(await root.innerText()).toContain('operation number 0');

  const map = page.locator('[data-map]');
  const bounds = (await map.boundingBox())!;
  await page.mouse.click(bounds.x + bounds.width / 2, bounds.y + bounds.height - 12);
  await eventually(async () => ((await root.boundingBox())?.y ?? -1_000) < 0);

  await page.keyboard.press('f');
  await page.keyboard.type('operation number 299');
  await page.getByText('1 of 1', { exact: true }).waitFor();
  const found = page.getByRole('button', { name: /operation number 299,/ }).first();
  await eventually(async () => {
    const at = await found.boundingBox();
    return at !== null && at.y > 190 && at.y + at.height < 900 && at.x > 0 && at.x + at.width < 1060;
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('0');
  await map.waitFor({ state: 'detached' });
  const outside = await cards.evaluateAll((each) =>
    each
      .map((card) => card.getBoundingClientRect())
      .filter(({ left, top, bottom }) => left < 0 || top < 150 || bottom > window.innerHeight)
      .map(({ left, top, bottom }) => `${left} ${top} ${bottom}`),
  );
  expect(outside).toEqual([]);
  expect(errors).toEqual([]);
  await page.context().close();
});

it.each(['light', 'dark'] as const)(
  '300 nodes from afar have no serious accessibility violation in the %s theme',
  async (colorScheme) => {
    const { page } = await openPage(browser, { colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${url}/trace/${wide}?tab=graph`);
    await page.locator('[data-node]').first().waitFor();
    await page.keyboard.press('0');
    expect(await seriousViolations(page)).toEqual([]);
    await page.context().close();
  },
  120_000,
);

it('100,000 spans are a graph of services, or of the operations with most self time', async () => {
  const { page, errors } = await openPage(browser);
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/trace/${big}?tab=graph`);
  await page.getByText(/^25 nodes, the 50 of 576 edges with most calls$/).waitFor();
  await page.locator('[data-node]').first().waitFor();
  expect(await page.getByRole('radio', { name: 'Services' }).isChecked()).toBe(true);
  const spans = await page
    .locator('[data-node]')
    .evaluateAll((cards) =>
      cards.map((card) => Number(/([\d,]+) spans?/.exec(card.ariaLabel!)![1]!.replace(',', ''))),
    );
  expect(spans.reduce((sum, each) => sum + each, 0)).toBe(100_000);
  for (const name of ['Operations', 'Call paths']) {
    await page.getByText(name, { exact: true }).click();
    await page.getByText(/^The 300 of [\d,]+ nodes with most self time/).waitFor();
    await eventually(async () => (await page.locator('[data-stale] [data-node]').count()) === 0, 30_000);
    expect(await page.locator('[data-node]').count()).toBe(300);
  }
  const below = await page.locator('[data-node="0"]').getAttribute('aria-label');
  expect(below).toMatch(/nightly job, 1 span.*[\d,]+ more below it not shown/);
  expect(errors).toEqual([]);
  await page.context().close();
}, 120_000);
