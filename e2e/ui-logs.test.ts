import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { sendLogRecords, untilLogsStored, type LogToSend } from './support/log-records.ts';
import { Throughline } from './support/throughline.ts';
import { untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { sendSpans, spanId } from './support/ui-trace-data.ts';

let program: Throughline;
let browser: Browser;
const traceId = 'c0ffee00'.repeat(4);
const begun = Date.now() - 20 * 60_000;
const inTrace = (span: number) => ({ traceId, spanId: spanId(span) });

const story: LogToSend[] = [
  { service: 'frontend', atMs: begun + 1, body: 'checkout begins', ...inTrace(1) },
  { service: 'cart', atMs: begun + 20, severity: 5, body: 'cache hit', ...inTrace(2) },
  {
    service: 'payment',
    atMs: begun + 110,
    severity: 17,
    severityText: 'ERROR',
    body: 'card refused by the bank',
    attributes: { 'bank.code': 51, retried: false },
    ...inTrace(3),
  },
  { service: 'janitor', atMs: begun + 60_000, body: { message: 'swept', files: 7 } },
];
const crowd: LogToSend[] = Array.from({ length: 700 }, (_, n) => ({
  service: 'crowd',
  atMs: Date.now() - 3 * 3_600_000 - n * 100,
  body: `line ${n}`,
}));

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

async function open(path: string, look = {}): Promise<{ page: Page; errors: string[] }> {
  const { page, errors } = await openPage(browser, look);
  await page.goto(program.url('UI and API') + path);
  return { page, errors };
}

const lines = (page: Page) => page.getByRole('list', { name: 'Log records' }).getByRole('listitem');
/** The bodies that the list shows, top to bottom. */
async function bodies(page: Page): Promise<string[]> {
  const texts = await lines(page).evaluateAll((items) =>
    items
      .map((item) => ({
        index: Number((item as HTMLElement).dataset['index']),
        text: item.querySelector('button > span:last-child')?.textContent ?? '',
      }))
      .sort((a, b) => a.index - b.index)
      .map(({ text }) => text),
  );
  return texts;
}

async function shows(page: Page, expected: readonly string[]): Promise<void> {
  await expect.poll(() => bodies(page), { timeout: 10_000 }).toEqual(expected);
}

test('says how log records come here while there are none, and shows the first one', async () => {
  const { page } = await open('/logs');
  await page.getByText('No log record was ever stored').waitFor();
  await page.getByRole('button', { name: 'Wait for the first' }).click();
  await page.getByText('Log records show here as they arrive.').waitFor();
  await sendLogRecords(program.url('OTLP/HTTP'), [{ service: 'first', atMs: Date.now(), body: 'hello' }]);
  await page.getByText('hello').waitFor();
  await page.context().close();

  await sendSpans(program.url('OTLP/HTTP'), traceId, begun, [
    { id: 1, service: 'frontend', name: 'GET /checkout', start: 0, duration: 130, kind: 2 },
    { id: 2, parent: 1, service: 'cart', name: 'load cart', start: 10, duration: 40, kind: 2 },
    { id: 3, parent: 1, service: 'payment', name: 'charge card', start: 60, duration: 60, kind: 2 },
  ]);
  await sendLogRecords(program.url('OTLP/HTTP'), [...story, ...crowd]);
  await untilStored(program.url('UI and API'), 3);
  await untilLogsStored(program.url('UI and API'), story.length + crowd.length + 1);
});

test('lists the records of all traces and of none, newest first or oldest, and keeps filters in the address', async () => {
  const { page, errors } = await open('/logs');
  await page.getByText('checkout begins').waitFor();
  const all = [
    'hello',
    '{"message":"swept","files":7}',
    'card refused by the bank',
    'cache hit',
    'checkout begins',
  ];
  await shows(page, all);
  await page.getByRole('combobox', { name: 'Order' }).click();
  await page.getByRole('option', { name: 'Oldest first' }).click();
  await page.waitForURL(/order=oldest/);
  await page.getByText('5 records').waitFor();
  await shows(page, all.toReversed());

  await page.getByRole('combobox', { name: 'Least severity' }).click();
  await page.getByRole('option', { name: 'warn and above' }).click();
  await page.getByText('1 record', { exact: false }).first().waitFor();
  await page.waitForURL(/severity=warn/);
  await page.getByText('card refused by the bank').waitFor();
  await shows(page, ['card refused by the bank']);

  await page.goto(`${program.url('UI and API')}/logs?service=janitor`);
  await page.getByText('swept').waitFor();
  await shows(page, ['{"message":"swept","files":7}']);
  expect(errors).toEqual([]);
  await page.context().close();
});

test('is filtered by key: text, attribute and trace id typed into one field', async () => {
  const { page } = await open('/logs');
  await page.getByText('checkout begins').waitFor();
  const typed = async (text: string) => {
    await page.keyboard.press('/');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
  };
  await typed(traceId);
  await page.getByText('3 records').waitFor();
  await typed('CA');
  await page.getByText('2 records').waitFor();
  await shows(page, ['card refused by the bank', 'cache hit']);
  await typed('bank.code = 51');
  await page.getByText('1 record', { exact: false }).first().waitFor();
  await shows(page, ['card refused by the bank']);
  const search = new URL(page.url()).searchParams;
  expect([search.get('trace'), search.get('text'), search.get('where')]).toEqual([
    traceId,
    'CA',
    'bank.code = 51',
  ]);
  await page.getByText('card refused by the bank').click();
  await page.getByRole('button', { name: 'Only records with this host.name' }).click();
  await page.getByRole('button', { name: 'Remove host.name = payment-7d9f' }).click();
  await page.getByRole('button', { name: 'Remove bank.code = 51' }).click();
  await page.getByText('2 records').waitFor();
  await typed('nowhere to be found');
  await page.getByText('No log record matches in this time').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByText('checkout begins').waitFor();
  await page.context().close();
});

test('opens a record by key, goes to its span at its time, and comes back to it', async () => {
  const { page, errors } = await open('/logs');
  await page.getByText('checkout begins').waitFor();
  for (const key of ['j', 'j', 'j', 'Enter']) await page.keyboard.press(key);
  await page.getByText('bank.code').waitFor();
  const details = lines(page).filter({ hasText: 'card refused' });
  expect(await details.innerText()).toMatch(/51\s+int[^]*false\s+bool[^]*payment-7d9f[^]*app\.logger 1\.2/);
  await page.keyboard.press('o');
  await page.getByRole('treegrid').waitFor();
  expect(await page.locator('[role=row][aria-selected=true]:visible').first().innerText()).toContain(
    'charge card',
  );
  await page.getByRole('row').filter({ hasText: 'card refused by the bank' }).waitFor();
  await page.getByRole('region', { name: 'Span details' }).getByText('card refused by the bank').waitFor();

  await page.goBack();
  await page.getByText('bank.code').waitFor();
  expect(await page.locator('[data-current]').innerText()).toContain('card refused');
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a trace leads to its records in the list, and a span to its own', async () => {
  const { page } = await open(`/trace/${traceId}?tab=logs`);
  await page.getByRole('textbox', { name: 'Filter by text' }).fill('bank.code=51');
  await page.getByText('1 of 3 records').waitFor();
  await page.getByRole('textbox', { name: 'Filter by text' }).fill('');
  await page.getByRole('link', { name: 'Open in Logs' }).click();
  await page.waitForURL(/\/logs\?/);
  await page.getByText('3 records').waitFor();
  await shows(page, ['checkout begins', 'cache hit', 'card refused by the bank']);

  await page.goto(`${program.url('UI and API')}/trace/${traceId}?span=${spanId(2)}&panel=side`);
  await page
    .getByRole('region', { name: 'Span details' })
    .getByRole('link', { name: 'Open in Logs' })
    .click();
  await page.getByText('1 record', { exact: false }).first().waitFor();
  await page.getByText('cache hit').waitFor();
  await shows(page, ['cache hit']);
  await page.context().close();
});

test('narrows to the records of the trace, or of the span, of a record', async () => {
  const { page } = await open('/logs?text=card');
  await page.getByText('card refused by the bank').click();
  await page.getByRole('button', { name: 'Only of this span' }).click();
  await page.getByRole('button', { name: `Remove span ${spanId(3)}` }).click();
  await page.getByRole('button', { name: 'Remove “card”' }).click();
  await shows(page, ['checkout begins', 'cache hit', 'card refused by the bank']);
  expect(new URL(page.url()).searchParams.get('trace')).toBe(traceId);
  await page.context().close();
});

test('says how far it has looked where that takes long, and goes on when it is told to', async () => {
  const { page } = await open('/search');
  const record = await fetch(`${program.url('UI and API')}/throughline/v1/logs?text=swept`);
  const answers = [
    { logs: [], next_cursor: 'there', searched_to: `${begun}000000` },
    (await record.json()) as object,
  ];
  const asked: (string | null)[] = [];
  await page.route('**/throughline/v1/logs?*', (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('cursor'));
    return route.fulfill({ json: answers[asked.length - 1] });
  });
  await page.getByRole('link', { name: 'Logs' }).click();
  await page.getByText('Looked at everything up to').waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('swept').waitFor();
  expect(asked).toEqual([null, 'there']);
  await page.context().close();
});

test('goes on page by page to the last of many records', async () => {
  const { page } = await open('/logs?service=crowd&last=6h');
  await page.getByText('line 0', { exact: true }).waitFor();
  const box = page.getByRole('list', { name: 'Log records' }).locator('..');
  await expect
    .poll(
      async () => {
        await box.evaluate((element) => element.scrollTo(0, element.scrollHeight));
        return page.getByText('line 699', { exact: true }).count();
      },
      { timeout: 10_000 },
    )
    .toBe(1);
  await page.getByText('700 records').waitFor();
  await page.context().close();
});

test('shows new records on top while live is on, and keeps what is read in its place', async () => {
  const { page } = await open('/logs?last=6h&live=on');
  await page.getByText('arriving now').waitFor();
  await page.getByText('line 0', { exact: true }).waitFor();
  const box = page.getByRole('list', { name: 'Log records' }).locator('..');
  await box.evaluate((element) => element.scrollTo(0, 1000));
  const read = page.getByText('line 40', { exact: true });
  await read.waitFor();
  const place = () => read.evaluate((line) => line.getBoundingClientRect().top);
  const before = await place();
  await sendLogRecords(program.url('OTLP/HTTP'), [{ service: 'shop', atMs: Date.now(), body: 'just now' }]);
  await page.getByText('201 records').waitFor();
  expect(await place()).toBe(before);
  await box.evaluate((element) => element.scrollTo(0, 0));
  await page.getByText('just now').waitFor();
  expect((await bodies(page))[0]).toBe('just now');
  await page.context().close();
});

test.each([
  { colorScheme: 'light', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
  { colorScheme: 'dark', viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' },
  { colorScheme: 'dark', viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' },
])(
  'has no serious violation and fits, $colorScheme, $viewport.width wide',
  async (look) => {
    const { page } = await open(`/logs?last=6h&where=${encodeURIComponent('bank.code = 51')}`, look);
    await page.getByText('card refused by the bank').click();
    await page.getByText('app.logger 1.2').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    expect(fits).toBe(true);
    await page.goto(`${program.url('UI and API')}/logs?text=absent`);
    await page.getByText('No log record matches in this time').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.context().close();
  },
  120_000,
);

test('says what went wrong when the server does not answer, and asks again', async () => {
  const { page } = await open('/search');
  await page.route('**/throughline/v1/logs?*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title: 'The store does not answer now', status: 503 }),
    }),
  );
  await page.getByRole('link', { name: 'Logs' }).click();
  await page.getByText('The store does not answer now').waitFor({ timeout: 20_000 });
  await page.unroute('**/throughline/v1/logs?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('checkout begins').waitFor();
  await page.context().close();
});
