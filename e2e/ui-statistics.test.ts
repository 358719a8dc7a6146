import type { SearchResult } from '@throughline/query/api';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { sendTraces, untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { orderTrace } from './support/ui-graph-data.ts';
import { sendSpans } from './support/ui-trace-data.ts';
import { selectedRow } from './support/ui-trace-page.ts';

const orders = 130;
const orderId = (n: number) => (n + 1).toString(16).padStart(32, 'd');

let server: Throughline;
let browser: Browser;
let url: string;
let page: Page;
let errors: string[];

beforeAll(async () => {
  await buildUiOnce();
  [server, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  url = server.url('UI and API');
  const otlp = server.url('OTLP/HTTP');
  for (let n = 0; n < orders; n++)
    await sendSpans(
      otlp,
      orderId(n),
      Date.now() - 20_000 - n * 3_000,
      orderTrace(n === 0 ? 1 : 0.9 + (n % 20) / 100),
    );
  // More than the newest 1,000, two hours ago so that nobody else meets them.
  const pings = Array.from({ length: 1_050 }, (_, n) => ({
    service: 'pinger',
    name: 'ping',
    startMs: Date.now() - 7_200_000 - n * 10,
    durationMs: 5,
  }));
  await sendTraces(otlp, pings);
  await untilStored(url, orders * orderTrace().length + pings.length);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  ({ page, errors } = await openPage(browser));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});
afterEach(async () => {
  await page.context().close();
});

const rows = (on: Page = page) => on.locator('tbody tr[aria-rowindex]');
/** The texts of the cells of the first rows. */
async function shown(count: number): Promise<string[]> {
  await rows().first().waitFor();
  const texts = await rows().evaluateAll((all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent?.trim()).join(' | ')),
  );
  return texts.slice(0, count);
}
const column = (name: string) => page.getByRole('columnheader', { name, exact: true });
const sortBy = (name: string) => column(name).getByRole('button').click();
const address = () => new URL(page.url()).searchParams;
const ofTrace = (search = '') => page.goto(`${url}/trace/${orderId(0)}?tab=statistics${search}`);

describe('statistics of a trace', () => {
  it('put the bottleneck first: the inventory check, however long those above it last', async () => {
    await ofTrace();
    expect(await shown(3)).toEqual([
      'inventory | CheckStock | 1 | – | 1.5 s | 1.5 s | 1.5 s | 1.5 s | 1.37 s | 51 %',
      'kitchen | orders process | 1 | – | 400 ms | 400 ms | 400 ms | 400 ms | 400 ms | 15 %',
      'payments | bank call | 2 | 1 | 185 ms | 244 ms | 250 ms | 370 ms | 370 ms | 14 %',
    ]);
    await page.getByText('12 operations', { exact: true }).waitFor();
    expect(await column('Self time').getAttribute('aria-sort')).toBe('descending');
    expect(errors).toEqual([]);
  });

  it('are sorted by a click on a column, and turned by a second one; a link keeps the order', async () => {
    await ofTrace();
    await rows().first().waitFor();
    await sortBy('Max');
    expect((await shown(2)).map((row) => row.split(' | ')[1])).toEqual(['POST /checkout', 'POST /orders']);
    await sortBy('Spans');
    await sortBy('Spans');
    expect(await column('Spans').getAttribute('aria-sort')).toBe('ascending');
    expect((await shown(99)).at(-1)).toContain('SELECT stock | 9');
    await page.getByRole('radiogroup').getByText('Services', { exact: true }).click();
    await eventually(
      async () => address().get('rows') === 'service' && address().get('order') === 'spans-up',
    );
    await page.reload();
    expect((await shown(99)).at(-1)).toMatch(/^postgres \| 10/);
    expect(await column('Operation').count()).toBe(0);
    await page.getByText('7 services', { exact: true }).waitFor();
  });

  it('show only rows with the words of the filter', async () => {
    await ofTrace();
    await rows().first().waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('ORDERS pub');
    await page.getByText('1 of 12 operations').waitFor();
    expect((await shown(9)).join()).toMatch(/^orders \| orders publish/);
    await page.getByLabel('Filter the rows').fill('no such');
    await page.getByText('0 of 12 operations').waitFor();
    expect(await rows().count()).toBe(0);
  });

  it('lead to the spans of a row, by click and by keys', async () => {
    await ofTrace();
    await rows().first().waitFor();
    await page.getByRole('cell', { name: 'bank call' }).click();
    await page.getByText('2 of 2', { exact: true }).waitFor();
    expect(await selectedRow(page)).toContain('250 ms');
    await page.keyboard.press('3');
    await rows().first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    expect(await selectedRow(page)).toContain('CheckStock');
  });

  it('are copied as CSV', async () => {
    await ofTrace();
    await rows().first().waitFor();
    await page.getByLabel('Filter the rows').fill('stock');
    await page.getByText('2 of 12 operations').waitFor();
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.replaceAll('\r', '').trim().split('\n')).toEqual([
      'service,operation,spans,errors,p50_ms,p95_ms,max_ms,total_ms,self_ms,share',
      expect.stringMatching(/^inventory,CheckStock,1,0,1500,1500,1500,1500,1374,0\.51\d*$/),
      expect.stringMatching(/^postgres,SELECT stock,9,0,14,14,14,126,126,0\.04\d*$/),
    ]);
  });
});

describe('statistics of a search', () => {
  const search = async (parameters = '') => {
    await page.goto(`${url}/search?view=statistics${parameters}`);
    await rows().first().waitFor();
  };

  it('are of all traces that match, not only of those in the list', async () => {
    await page.goto(`${url}/search?service=kitchen`);
    await page.getByText('100+ traces').waitFor();
    await page.getByText('Statistics', { exact: true }).click();
    await page.getByText('12 operations · 2,730 spans of 130 traces', { exact: true }).waitFor();
    expect(address().get('view')).toBe('statistics');
    const [first] = await shown(1);
    expect(first).toMatch(
      /^inventory \| CheckStock \| 130 \| – \| 1\.4\d s \| 1\.6\d s \| 1\.6\d s \| .* \| 51 %$/,
    );
    expect(errors).toEqual([]);
  });

  it('lead to the traces with spans of a row', async () => {
    await search('&text=CheckStock&kind=server&minTrace=2300ms');
    const found = page.waitForResponse((response) => response.url().includes('operation=bank+call'));
    await page.getByRole('cell', { name: 'bank call' }).click();
    const { traces } = (await (await found).json()) as SearchResult;
    expect(traces.length).toBeGreaterThan(10);
    await page.getByRole('list', { name: 'Traces' }).getByRole('link').first().waitFor();
    expect(Object.fromEntries(address())).toEqual({
      minTrace: '2300ms',
      service: 'payments',
      operation: 'bank call',
    });
  });

  it('say that they are of the newest 1,000 where more match', async () => {
    await search('&last=3h&service=pinger');
    await page
      .getByText('1 operation · 1,000 spans of the newest 1,000 traces that match', { exact: true })
      .waitFor();
    expect(await shown(2)).toEqual(['pinger | ping | 1,000 | – | 5 ms | 5 ms | 5 ms | 5 s | 5 s | 100 %']);
  });

  it('are by service when asked, in a link too, and keep the filters of the search', async () => {
    await search('&service=kitchen&rows=service');
    expect((await shown(1))[0]).toMatch(/^inventory \| 130/);
    await page.getByRole('button', { name: /^Time range/ }).waitFor();
    await page.goto(`${url}/search?view=statistics&service=nobody`);
    await page.getByText('No trace matches in this time').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await rows().first().waitFor();
    expect(Object.fromEntries(address())).toEqual({ view: 'statistics' });
  });

  it('are given up when the view is left, and asked for again after an error', async () => {
    const asked: string[] = [];
    const waiting: (() => void)[] = [];
    await page.route('**/throughline/v1/statistics?*', async (route) => {
      asked.push(route.request().url());
      if (asked.length === 1) await new Promise<void>((resolve) => waiting.push(resolve));
      if (asked.length === 2)
        return route.fulfill({
          status: 400,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: 'about:blank', title: 'It went wrong', status: 400 }),
        });
      return route.continue().catch(() => {});
    });
    const gone = page.waitForEvent('requestfailed', (request) => request.url().includes('/statistics?'));
    await page.goto(`${url}/search?view=statistics&service=kitchen`);
    await page.getByText('Adding up where the time goes…').waitFor();
    await page.getByText('Traces', { exact: true }).click();
    await gone;
    for (const go of waiting) go();
    await page.getByRole('list', { name: 'Traces' }).getByRole('link').first().waitFor();
    await page.getByText('Statistics', { exact: true }).click();
    await page.getByRole('alert').getByText('It went wrong').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    expect((await shown(1))[0]).toContain('CheckStock');
    expect(asked).toHaveLength(3);
  });
});

it.each(['light', 'dark'] as const)(
  'statistics have no serious accessibility violation in the %s theme, and fit a telephone',
  async (colorScheme) => {
    const visit = await openPage(browser, { colorScheme, reducedMotion: 'reduce' });
    for (const path of [`trace/${orderId(0)}?tab=statistics`, 'search?view=statistics&service=kitchen']) {
      await visit.page.goto(`${url}/${path}`);
      await rows(visit.page).first().waitFor();
      await visit.page.keyboard.press('j');
      expect(await seriousViolations(visit.page)).toEqual([]);
      await visit.page.setViewportSize({ width: 390, height: 800 });
      expect(await visit.page.locator('main').evaluate((main) => main.scrollWidth <= window.innerWidth)).toBe(
        true,
      );
      await visit.page.setViewportSize({ width: 1440, height: 900 });
    }
    expect(visit.errors).toEqual([]);
    await visit.page.context().close();
  },
  120_000,
);
