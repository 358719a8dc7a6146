import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { sendLogs, sendSpans, spanId, type TraceSpan } from './support/ui-trace-data.ts';
import { barOf, openTrace, rowOf, selectedRow, shownTree, timeScale } from './support/ui-trace-page.ts';

const shop = '5b8aa5a2d2c872e8321cf37308d69df2';
const mailing = '6c9bb6b3e3d983f9432d0484197e0ef3';
const startMs = Date.now() - 5_000;

/** Everything that is not as usual: a child after its parent's end, a missing parent, clocks that differ, an instant. */
const checkout: readonly TraceSpan[] = [
  { id: 1, service: 'frontend', name: 'GET /checkout', start: 0, duration: 800, kind: 2, traceState: 'vendor=abc' },
  { id: 2, parent: 1, service: 'auth', name: 'verify', start: 10, duration: 30, kind: 2 },
  { id: 3, parent: 1, service: 'payments', name: 'verify', start: 100, duration: 500, kind: 2, error: 'card declined',
    attributes: { 'http.request.method': 'POST', 'http.response.status_code': 402, 'shop.card': 'x-4711', 'shop.retry': true, 'shop.parts': ['a', 'b'] },
    events: [
      { at: 300, name: 'retrying' },
      { at: 590, name: 'exception', attributes: { 'exception.type': 'CardDeclined', 'exception.message': 'no money', 'exception.stacktrace': 'CardDeclined: no money\n    at pay (pay.ts:7:1)' } },
    ] },
  { id: 4, parent: 1, service: 'frontend', name: 'flag read', start: 60, duration: 0 },
  { id: 5, parent: 1, service: 'frontend', name: 'orders publish', start: 700, duration: 10, kind: 4 },
  { id: 6, parent: 5, service: 'mailer', name: 'orders process', start: 900, duration: 300, kind: 5,
    links: [{ traceId: mailing, spanId: spanId(21), attributes: { 'messaging.batch': 3 } }] },
  { id: 7, parent: 6, service: 'audit', name: 'write record', start: 880, duration: 50 },
  { id: 8, parent: 0xdead, service: 'billing', name: 'invoice', start: 400, duration: 60 },
]; // prettier-ignore

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
  await sendSpans(otlp, shop, startMs, checkout);
  await sendSpans(otlp, mailing, startMs - 500, [
    { id: 21, service: 'newsletter', name: 'send weekly', start: 0, duration: 40 },
    { id: 22, parent: 21, service: 'newsletter', name: 'render', start: 5, duration: 10, links: [{ traceId: shop, spanId: spanId(3) }] },
  ]); // prettier-ignore
  await sendLogs(otlp, shop, startMs, [
    { span: 3, service: 'payments', at: 320, severity: 17, body: 'card was declined by the bank' },
    { span: 1, service: 'frontend', at: 20, severity: 9, body: 'checkout begins' },
  ]);
  await eventually(async () => {
    const response = await fetch(`${url}/throughline/v1/traces/${shop}`);
    const trace = (await response.json()) as { spans?: unknown[]; logs?: unknown[]; linked_from?: unknown[] };
    return (
      trace.spans?.length === checkout.length && trace.logs?.length === 2 && trace.linked_from?.length === 1
    );
  });
  ({ page, errors } = await openPage(browser));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const open = (search = '') => openTrace(page, url, shop, search);

describe('a trace', () => {
  it('says what it is about', async () => {
    await open();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('frontend GET /checkout');
    const header = (await page.locator('header').last().innerText()).replaceAll(/\s+/g, ' ');
    for (const fact of ['Duration 1.2 s', 'Services 6', 'Spans 8', 'Depth 4', 'Errors 1'])
      expect(header).toContain(fact);
  });

  it('is drawn as a tree, in which operations of the same name are told apart by service', async () => {
    await open();
    expect(await shownTree(page)).toBe(
      `frontend GET /checkout
  auth verify
  frontend flag read
  payments verify
  frontend orders publish
    mailer orders process
      audit write record
Missing span ${spanId(0xdead)}
  billing invoice`,
    );
  });

  it('draws bars where their times are, also of a child that starts after its parent has ended', async () => {
    await open();
    const msAt = await timeScale(page);
    for (const { name, start, duration } of checkout.filter((each) => [2, 5, 6, 7, 8].includes(each.id))) {
      if (name === 'verify') continue;
      const bar = await barOf(page, name);
      expect(Math.abs(msAt(bar.from) - start), `start of ${name}`).toBeLessThan(4);
      expect(Math.abs(msAt(bar.to) - start - duration), `end of ${name}`).toBeLessThan(4);
    }
  });

  it('explains its warnings and goes to the spans that they are about', async () => {
    await open();
    await page.getByRole('button', { name: /Warnings/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Missing parents').waitFor();
    await dialog.getByText('Clocks differ', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: /write record/ }).click();
    expect(await selectedRow(page)).toContain('write record');
  });

  it.each(['light', 'dark'] as const)(
    'has no serious accessibility violation in the %s theme',
    async (colorScheme) => {
      const visit = await openPage(browser, { colorScheme });
      await openTrace(visit.page, url, shop, `?span=${spanId(3)}&panel=side&logs=rows`);
      await visit.page.getByText('CardDeclined', { exact: true }).waitFor();
      expect(await seriousViolations(visit.page)).toEqual([]);
      await visit.page.getByRole('tab', { name: /Logs/ }).click();
      await visit.page.getByText('checkout begins').waitFor();
      expect(await seriousViolations(visit.page)).toEqual([]);
      expect(visit.errors).toEqual([]);
      await visit.page.context().close();
    },
    60_000,
  );
});

describe('keys', () => {
  it('walk through the rows, fold and unfold', async () => {
    await open();
    const pressed = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      return selectedRow(page);
    };
    expect(await pressed('j')).toContain('GET /checkout');
    expect(await pressed('j', 'ArrowDown')).toContain('flag read');
    expect(await pressed('k')).toContain('auth verify');
    expect(await pressed('End')).toContain('invoice');
    expect(await pressed('Home')).toContain('GET /checkout');
    await page.keyboard.press('ArrowLeft');
    expect(await shownTree(page)).toBe(
      `frontend GET /checkout +6\nMissing span ${spanId(0xdead)}\n  billing invoice`,
    );
    await page.keyboard.press('ArrowRight');
    expect(await pressed('ArrowRight')).toContain('auth verify');
    await page.keyboard.press('c');
    expect(await shownTree(page)).toBe(`frontend GET /checkout +6\nMissing span ${spanId(0xdead)} +1`);
    await page.keyboard.press('x');
    expect((await shownTree(page)).split('\n')).toHaveLength(9);
  });

  it('go to the next error, also in a folded branch, and open its details', async () => {
    await open();
    await page.keyboard.press('c');
    await page.keyboard.press('e');
    expect(await selectedRow(page)).toContain('payments verify');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Span details' }).getByText('card declined').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Span details' }).waitFor({ state: 'detached' });
  });

  it('change the tab, and are those of the tab that is shown', async () => {
    await open();
    await page.keyboard.press('4');
    await page.getByLabel('Filter by text').waitFor();
    await page.keyboard.press('e');
    await page.keyboard.press('1');
    await page.getByRole('treegrid').waitFor();
    expect(await page.locator('[role=row][aria-selected=true]:visible').count()).toBe(0);
  });

  it('show the help', async () => {
    await open();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Next error').waitFor();
    await page.keyboard.press('Escape');
  });
});

describe('finding', () => {
  it('looks in names, services, attributes and log records, and counts', async () => {
    await open();
    await page.keyboard.press('f');
    await page.keyboard.type('verify');
    await page.getByText('1 of 2', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 2', { exact: true }).waitFor();
    expect(await selectedRow(page)).toContain('payments');
    for (const [text, operation] of [
      ['x-4711', 'payments verify'],
      ['declined by the bank', 'payments verify'],
      ['billing', 'invoice'],
    ] as const) {
      await page.getByLabel('Find in this trace').fill(text);
      await page.getByText('1 of 1', { exact: true }).waitFor();
      await eventually(async () => (await selectedRow(page)).includes(operation));
    }
    await page.getByLabel('Find in this trace').fill('no such thing');
    await page.getByText('Nothing found').waitFor();
  });
});

describe('details of a span', () => {
  it('show attributes by namespace with their types, events and the stack trace', async () => {
    await open(`?span=${spanId(3)}&panel=side`);
    const details = page.getByRole('region', { name: 'Span details' });
    await details.getByText('http.response.status_code').waitFor();
    const text = (await details.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('http.response.status_code 402 int');
    expect(text).toContain('shop.retry true bool');
    expect(text).toContain('CardDeclined no money');
    expect(text).toContain('490 ms into the span · 590 ms into the trace');
    expect(text).toContain('at pay (pay.ts:7:1)');
    expect(text).toContain('200 ms into the span · 300 ms into the trace retrying');
    expect(text).toContain('shop-tracer 2.1');
    expect(text).toContain('service.version 1.4.2 string');
    expect(text).toContain('card was declined by the bank');
    await details.getByLabel('Filter attributes').fill('4711');
    expect(await details.getByText('http.request.method').count()).toBe(0);
    await details.getByText('shop.card').hover();
    await details.getByRole('button', { name: 'Copy shop.card=value' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('shop.card=x-4711');
  });

  it('lead to a search for traces with the same value', async () => {
    await open(`?span=${spanId(3)}&panel=side`);
    await page.getByText('shop.card').hover();
    await page.getByRole('link', { name: 'Search for traces with this shop.card' }).click();
    await page.waitForURL(/\/search\?/);
    expect(new URL(page.url()).searchParams.getAll('where')).toEqual(['span:shop.card = x-4711']);
    await page.getByText('GET /checkout').first().waitFor();
  });

  it('lead along links, both ways', async () => {
    await open(`?span=${spanId(6)}&panel=side`);
    const details = page.getByRole('region', { name: 'Span details' });
    await details.getByText('Links to another trace').waitFor();
    await details.getByRole('link', { name: 'send weekly' }).click();
    await page.getByRole('heading', { level: 1, name: 'newsletter send weekly' }).waitFor();
    expect(await selectedRow(page)).toContain('send weekly');
    await page.getByText('Linked from another trace').waitFor();
    await details.getByRole('link', { name: 'orders process' }).click();
    await page.getByRole('heading', { level: 1, name: 'frontend GET /checkout' }).waitFor();
    expect(await selectedRow(page)).toContain('orders process');
  });
});

describe('log records', () => {
  it('stand between the spans when asked for, and in a list that leads to their spans', async () => {
    await open();
    await page.keyboard.press('l');
    expect(await shownTree(page)).toContain(`  payments verify\n    error card was declined by the bank`);
    await page.getByRole('tab', { name: /Logs/ }).click();
    await page.getByLabel('Filter by text').fill('DECLINED');
    await page.getByText('1 of 2 records').waitFor();
    await page.getByRole('button', { name: /card was declined/ }).click();
    await page.getByRole('button', { name: 'Go to its span, verify' }).click();
    expect(await selectedRow(page)).toContain('payments verify');
  });
});

describe('the minimap', () => {
  it('shows the part that one drags over, and all of it after a double click', async () => {
    await open();
    const map = (await page.getByTitle(/Drag to look at a part/).boundingBox())!;
    const at = (part: number) => [map.x + map.width * part, map.y + 30] as const;
    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.5), { steps: 4 });
    await page.mouse.up();
    const msAt = await timeScale(page);
    const grid = (await page.getByRole('treegrid').boundingBox())!;
    expect(msAt(grid.x + grid.width)).toBeGreaterThan(560);
    expect(msAt(grid.x + grid.width)).toBeLessThan(640);
    await page.mouse.dblclick(...at(0.4));
    const whole = await timeScale(page);
    expect(whole(grid.x + grid.width)).toBeGreaterThan(1200);
  });
});

describe('a shared link', () => {
  it('restores the selected span, its details, the folds, the zoom and the find text', async () => {
    await open();
    await page.keyboard.press('f');
    await page.keyboard.type('verify');
    await page.getByText('1 of 2', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await rowOf(page, 'orders process').click();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('+');
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('Link copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const before = { tree: await shownTree(page), ruler: await page.locator('[data-ruler]').innerText() };
    const visit = await openPage(browser);
    await visit.page.goto(link);
    await visit.page.getByRole('region', { name: 'Span details' }).waitFor();
    expect(await shownTree(visit.page)).toBe(before.tree);
    expect(before.tree).toContain('orders process +1');
    expect(await visit.page.locator('[data-ruler]').innerText()).toBe(before.ruler);
    expect(await selectedRow(visit.page)).toContain('orders process');
    expect(await visit.page.getByLabel('Find in this trace').inputValue()).toBe('verify');
    expect(visit.errors).toEqual([]);
    await visit.page.context().close();
  });
});

describe('a trace that is not stored', () => {
  it('says what to check, and appears when it arrives', async () => {
    const late = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1';
    const visit = await openPage(browser);
    await visit.page.goto(`${url}/trace/${late}`);
    await visit.page.getByText('This trace is not stored').waitFor();
    await sendSpans(server.url('OTLP/HTTP'), late, Date.now(), [
      { id: 1, service: 'late', name: 'arrives late', start: 0, duration: 5 },
    ]);
    await visit.page.getByRole('heading', { name: 'late arrives late' }).waitFor();
    await sendSpans(server.url('OTLP/HTTP'), late, Date.now(), [
      { id: 2, parent: 1, service: 'late', name: 'and goes on', start: 1, duration: 2 },
    ]);
    await rowOf(visit.page, 'and goes on').waitFor();
    await visit.page.context().close();
  });
});

it('spans with the same id are told apart', async () => {
  const twice = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3';
  await sendSpans(server.url('OTLP/HTTP'), twice, Date.now(), [
    { id: 1, service: 'shop', name: 'call', start: 0, duration: 50, attributes: { side: 'client' } },
    { id: 1, service: 'db', name: 'call', start: 10, duration: 20, attributes: { side: 'server' } },
  ]);
  await eventually(async () => (await fetch(`${url}/throughline/v1/traces/${twice}`)).ok);
  const visit = await openPage(browser);
  await openTrace(visit.page, url, twice);
  const details = visit.page.getByRole('region', { name: 'Span details' });
  const rows = visit.page.getByRole('treegrid');
  await rows.getByText('db', { exact: true }).click();
  await details.getByText('server', { exact: true }).waitFor();
  await rows.getByText('shop', { exact: true }).click();
  await details.getByText('client', { exact: true }).waitFor();
  await visit.page.context().close();
});

it('log records of a trace without spans are shown', async () => {
  const logsOnly = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2';
  await sendLogs(server.url('OTLP/HTTP'), logsOnly, Date.now(), [
    { service: 'cron', at: 0, severity: 13, body: 'nobody traced this' },
  ]);
  await eventually(async () => {
    const { logs } = (await (await fetch(`${url}/throughline/v1/traces/${logsOnly}/logs`)).json()) as {
      logs: unknown[];
    };
    return logs.length === 1;
  });
  const visit = await openPage(browser);
  await visit.page.goto(`${url}/trace/${logsOnly}`);
  await visit.page.getByText('A log record bears its id').waitFor();
  await visit.page.getByText('nobody traced this').waitFor();
  await visit.page.context().close();
});

it('nothing of all this leaves an error on the page', () => expect(errors).toEqual([]));
