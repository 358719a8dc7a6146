import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces, untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

let program: Throughline;
let browser: Browser;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

/** Axe reads the whole page many times. */
const withinMs = 120_000;

const looks = [
  { colorScheme: 'light', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
  { colorScheme: 'dark', viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' },
] as const;

async function open(look: (typeof looks)[number], path: string): Promise<Page> {
  const { page } = await openPage(browser, look);
  await page.goto(program.url('UI and API') + path);
  return page;
}

/** Whether everything fits beside each other, in a view too that could scroll. */
function fits(page: Page): Promise<boolean> {
  return page.evaluate(() =>
    [document.documentElement, document.querySelector('main')].every(
      (box) => box !== null && box.scrollWidth <= window.innerWidth,
    ),
  );
}

test.each(looks)(
  'has no serious violation on the page before the first trace, $colorScheme',
  async (look) => {
    const page = await open(look, '/');
    await page.getByRole('heading', { name: 'Send the first trace' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'curl' }).click();
    await page.getByRole('button', { name: 'Copy: Send one span by hand' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await fits(page)).toBe(true);
    await page.context().close();
  },
);

test.each(looks)(
  'has no serious violation in any state of the search, $colorScheme',
  async (look) => {
    await sendTraces(program.url('OTLP/HTTP'), [
      { service: 'shop', name: 'GET /', startMs: Date.now() - 5_000, durationMs: 20, error: true },
      {
        service: 'a-service-with-a-long-name'.repeat(4),
        name: 'a long name '.repeat(20),
        startMs: Date.now() - 9_000,
        durationMs: 900_000,
      },
    ]);
    await untilStored(program.url('UI and API'), 1);
    const page = await open(look, '/search?last=1d&where=service.name+exists');
    await page.getByRole('link', { name: /shop/ }).first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await fits(page)).toBe(true);

    await page.keyboard.press('/');
    await page.keyboard.type('service');
    await page.getByRole('option', { name: /service\.name/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByLabel('From').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByLabel('From').waitFor({ state: 'hidden' });

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('switch', { name: 'Live' }).focus();
    await page.keyboard.press('Space');
    await page.getByText('arriving now').waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.goto(`${program.url('UI and API')}/search?service=nobody`);
    await page.getByText('No trace matches').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.goto(`${program.url('UI and API')}/nowhere`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.context().close();
  },
  withinMs,
);

test('changes and keeps the colours', async () => {
  const page = await open(looks[0], '/search');
  const scheme = () => page.evaluate(() => document.documentElement.dataset['mantineColorScheme']);
  const button = page.getByRole('button', { name: /^Colours/ });
  await button.click();
  await button.click();
  expect(await button.getAttribute('aria-label')).toBe('Colours: dark');
  expect(await scheme()).toBe('dark');
  await page.reload();
  await button.waitFor();
  expect(await scheme()).toBe('dark');
  await page.context().close();
});

test(
  'fits a telephone, the search and a trace',
  async () => {
    const name = 'a long name '.repeat(20);
    await sendTraces(program.url('OTLP/HTTP'), [
      { service: 'narrow', name, startMs: Date.now() - 5_000, durationMs: 20, error: true },
    ]);
    const { page } = await openPage(browser, {
      viewport: { width: 390, height: 800 },
      reducedMotion: 'reduce',
    });
    const url = program.url('UI and API');
    await eventually(async () =>
      (await (await fetch(`${url}/throughline/v1/traces?service=narrow`)).text()).includes('trace_id'),
    );
    await page.goto(`${url}/search?service=narrow`);
    const found = page.getByRole('link', { name: /narrow/ }).first();
    await found.waitFor();
    expect(await fits(page)).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    await found.click();
    await page.getByRole('row', { name: /narrow/ }).waitFor();
    expect(await fits(page)).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    await page.context().close();
  },
  withinMs,
);
