import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { orderTrace } from './support/ui-graph-data.ts';
import { sendSpans, spanId } from './support/ui-trace-data.ts';
import { selectedRow } from './support/ui-trace-page.ts';

const order = '0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a';

let server: Throughline;
let browser: Browser;
let url: string;
let page: Page;
let errors: string[];

beforeAll(async () => {
  await buildUiOnce();
  [server, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  url = server.url('UI and API');
  await sendSpans(server.url('OTLP/HTTP'), order, Date.now() - 10_000, orderTrace());
  await eventually(async () => {
    const response = await fetch(`${url}/throughline/v1/traces/${order}/timeline`);
    return ((await response.json()) as { span_id?: string[] }).span_id?.length === orderTrace().length;
  });
  ({ page, errors } = await openPage(browser));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(search = '', on: Page = page): Promise<void> {
  await on.goto(`${url}/trace/${order}?tab=graph${search}`);
  await on.locator('[data-node]').first().waitFor();
}

function node(name: RegExp | string, on: Page = page): Locator {
  return on.locator('[data-node]').and(on.getByRole('button', { name }));
}

const details = () => page.getByRole('region', { name: 'Node details' });
const selected = () => page.locator('[data-node][aria-pressed=true]').getAttribute('aria-label');
const address = () => new URL(page.url()).searchParams;

/** Where the nodes are on the screen, by their titles. */
async function boxes(): Promise<Record<string, { x: number; y: number; width: number; height: number }>> {
  const found = await page.locator('[data-node]').evaluateAll((cards) =>
    cards.map((card) => {
      const { x, y, width, height } = card.getBoundingClientRect();
      return [card.getAttribute('aria-label')!.split(',')[0]!, { x, y, width, height }] as const;
    }),
  );
  return Object.fromEntries(found);
}

describe('the graph of a trace', () => {
  it('has a node for each operation with its spans, self time, share and errors', async () => {
    await open();
    expect(await page.locator('[data-node]').count()).toBe(12);
    const labels = await page
      .locator('[data-node]')
      .evaluateAll((cards) => cards.map((card) => card.ariaLabel));
    expect(labels).toContain(
      'inventory: CheckStock, 1 span, self time 1.37 s, 51 % of the trace, total 1.5 s',
    );
    expect(labels).toContain(
      'payments: bank call, 2 spans, self time 370 ms, 14 % of the trace, total 370 ms, 1 error',
    );
    expect(await node(/CheckStock/).innerText()).toContain('1.37 s self · 51 %');
    await page.getByText('12 nodes', { exact: true }).waitFor();
  });

  it('has the nodes beside each other, each to the right of the one that calls it', async () => {
    await open();
    const at = Object.entries(await boxes());
    for (const [name, a] of at) {
      for (const [other, b] of at)
        if (name < other)
          expect(
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
            `${name} and ${other} beside each other`,
          ).toBe(true);
    }
    const all = Object.fromEntries(at);
    const way = ['storefront: POST /checkout', 'orders: POST /orders', 'orders: order-validation-inventory', 'inventory: CheckStock', 'postgres: SELECT stock']; // prettier-ignore
    const lefts = way.map((name) => all[name]!.x);
    expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
  });

  it('has edges with their counts, dashed where they go over a broker, and red where calls failed', async () => {
    await open();
    const labels = await page
      .locator('[data-node]')
      .evaluateAll((cards) => cards.map((card) => card.ariaLabel!));
    const edge = (from: string, to: string) => {
      const place = (name: string) => labels.findIndex((label) => label.startsWith(name));
      return page.locator(`[data-edge="${place(from)}-${place(to)}"]`);
    };
    expect(await edge('inventory: CheckStock', 'postgres: SELECT').textContent()).toBe('9×');
    const dashes = (one: Locator) => one.locator('path').getAttribute('stroke-dasharray');
    expect(await dashes(edge('orders: orders publish', 'kitchen: orders process'))).not.toBeNull();
    expect(await dashes(edge('orders: POST', 'orders: orders publish'))).toBeNull();
    expect(await edge('payments: payments', 'payments: bank').getAttribute('data-tone')).toBe('failed');
    expect(await edge('orders: POST', 'postgres: INSERT').getAttribute('data-tone')).toBe('usual');
  });

  it('can have the operations together wherever they are called from, or only services', async () => {
    await open();
    await page.keyboard.press('g');
    await eventually(async () => address().get('nodes') === 'operation');
    await page.getByText('Services', { exact: true }).last().click();
    await node(/^inventory, 1 span/).waitFor();
    await page.getByText('7 nodes', { exact: true }).waitFor();
    expect(address().get('nodes')).toBe('service');
  });

  it('shows by its colours what a node does: its service, its self time, its errors', async () => {
    const fill = (name: RegExp) =>
      node(name).evaluate((card) => getComputedStyle(card).backgroundColor.replaceAll(' ', ''));
    await open('&colors=self');
    await page.mouse.move(0, 0);
    const [check, charge, validate] = [await fill(/CheckStock/), await fill(/bank call/), await fill(/validate basket/)]; // prettier-ignore
    expect(new Set([check, charge, validate]).size).toBe(3);
    await page.getByRole('combobox', { name: 'What colours say' }).click();
    await page.getByRole('option', { name: 'Colour: errors' }).click();
    await eventually(async () => address().get('colors') === 'errors');
    expect(await fill(/bank call/)).not.toBe(await fill(/CheckStock/));
    expect(await fill(/validate basket/)).toBe(await fill(/CheckStock/));
  });
});

describe('a node', () => {
  it('tells its figures, who calls it, whom it calls and its spans', async () => {
    await open();
    await node(/CheckStock/).click();
    const text = (await details().innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('inventory CheckStock');
    expect(text).toContain('Self time 1.37 s 51 % of the trace');
    expect(text).toContain('p50 · p95 · max 1.5 s · 1.5 s · 1.5 s');
    expect(text).toContain('Called by 1 order-validation-inventory 1×');
    expect(text).toContain('Calls 1 SELECT stock 9×');
    await details()
      .getByRole('button', { name: /SELECT stock/ })
      .click();
    await details().getByText('Spans, longest first').waitFor();
    expect(await selected()).toContain('SELECT stock');
    expect(
      await details()
        .getByRole('button', { name: /^postgres/ })
        .count(),
    ).toBe(9);
  });

  it('leads to one of its spans, and to all of them in the waterfall', async () => {
    await open();
    await node(/bank call/).click();
    await details()
      .getByRole('button', { name: /250 ms/ })
      .click();
    await page.getByRole('treegrid').waitFor();
    expect(await selectedRow(page)).toContain('bank call');
    await page.keyboard.press('2');
    expect(await selected()).toContain('bank call');
    await details().getByRole('button', { name: 'Find in the waterfall' }).click();
    await page.getByText('2 of 2', { exact: true }).waitFor();
    expect(await page.getByLabel('Find in this trace').inputValue()).toBe('bank call');
  });

  it('is selected in a link, with the nodes and colours that were chosen', async () => {
    await open();
    await node(/CheckStock/).click();
    await page.keyboard.press('g');
    await eventually(
      async () => address().get('nodes') === 'operation' && address().get('span') === spanId(5),
    );
    await page.reload();
    await details().waitFor();
    expect(await selected()).toContain('CheckStock');
    expect(await page.getByRole('radio', { name: 'Operations' }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    await details().waitFor({ state: 'detached' });
  });
});

describe('keys in a graph', () => {
  it('walk along its edges, and go to the spans of a node and back', async () => {
    await open();
    await page.keyboard.press('ArrowRight');
    expect(await selected()).toContain('POST /checkout');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    for (let n = 0; n < 9 && !(await selected())?.includes('order-validation-inventory'); n++)
      await page.keyboard.press(n < 4 ? 'ArrowUp' : 'ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await selected()).toContain('CheckStock');
    await page.keyboard.press('ArrowLeft');
    expect(await selected()).toContain('order-validation-inventory');
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    expect(await selectedRow(page)).toContain('order-validation-inventory');
    await page.getByRole('region', { name: 'Span details' }).waitFor();
  });

  it('reach it by Tab at one node, from which the focus walks on', async () => {
    await open();
    await page.getByLabel('Find in this trace').focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel);
    expect(await focused()).toContain('POST /checkout');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe(await selected());
    expect(await focused()).not.toContain('POST /checkout');
    await page.keyboard.press('Tab');
    expect(await focused()).not.toMatch(/span/);
  });

  it('find nodes, also by what only attributes and log records say, and go from one to the next', async () => {
    await open();
    await page.keyboard.press('f');
    await page.keyboard.type('orders');
    await page.getByText(/^1 of \d+$/).waitFor();
    const states = () =>
      page
        .locator('[data-node]')
        .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset['state']));
    expect((await states()).filter((state) => state === 'other')).toHaveLength(6);
    expect((await states()).filter((state) => state === 'match')).toHaveLength(5);
    const before = await selected();
    await page.keyboard.press('Enter');
    await page.getByText(/^2 of \d+$/).waitFor();
    expect(await selected()).not.toBe(before);
    await page.getByRole('button', { name: 'Clear' }).click();
    expect((await states()).filter((state) => state === 'plain')).toHaveLength(11);
  });

  it('are told by the help', async () => {
    await open();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog');
    await help.getByText('Go to its spans').waitFor();
    await help.getByText('Call paths, operations, services').waitFor();
    expect(await help.getByRole('heading', { name: 'Graph' }).count()).toBe(1);
    await page.keyboard.press('Escape');
  });
});

describe('the view of a graph', () => {
  const widthOf = async () => (await node(/CheckStock/).boundingBox())!.width;
  const place = async () => (await node(/CheckStock/).boundingBox())!;

  it('zooms by keys and buttons and by Ctrl and the wheel, around the pointer', async () => {
    await open();
    const before = await widthOf();
    await page.keyboard.press('+');
    expect(await widthOf()).toBeCloseTo(before * 1.3, 0);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    expect(await widthOf()).toBeCloseTo(before, 0);
    const { x, y } = await place();
    await page.mouse.move(x + 1, y + 1);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await eventually(async () => (await widthOf()) > before * 1.2);
    expect(Math.abs((await place()).x - x)).toBeLessThan(2);
    await page.keyboard.press('0');
    expect(await widthOf()).toBeCloseTo(before, 0);
  });

  it('moves by the wheel and by dragging, and a click beside the nodes selects nothing', async () => {
    await open();
    const before = await place();
    await page.mouse.move(700, 800);
    await page.mouse.wheel(40, 30);
    await eventually(async () => Math.abs((await place()).x - before.x + 40) < 1);
    expect((await place()).y).toBeCloseTo(before.y - 30, 0);
    await page.mouse.down();
    await page.mouse.move(740, 830, { steps: 4 });
    await page.mouse.up();
    expect((await place()).x).toBeCloseTo(before.x, 0);
    await node(/CheckStock/).click();
    await page.mouse.click(300, 760);
    await details().waitFor({ state: 'detached' });
  });

  it('has titles that can be read also from afar', async () => {
    await open();
    for (let n = 0; n < 3; n++) await page.keyboard.press('-');
    const seen = await node(/CheckStock/).evaluate((card) => {
      const scale = card.getBoundingClientRect().width / (card as HTMLElement).offsetWidth;
      const title = [...card.children].find(
        (part) => getComputedStyle(part).display !== 'none' && part.textContent,
      );
      return {
        text: title?.textContent,
        pixels: Number.parseFloat(getComputedStyle(title!).fontSize) * scale,
      };
    });
    expect(seen.text).toBe('CheckStock');
    expect(seen.pixels).toBeGreaterThan(9);
  });
});

it.each(['light', 'dark'] as const)(
  'a graph has no serious accessibility violation in the %s theme',
  async (colorScheme) => {
    const visit = await openPage(browser, { colorScheme });
    for (const search of [
      '',
      `&span=${spanId(7)}&colors=self`,
      `&span=${spanId(7)}&colors=errors&find=orders`,
    ]) {
      await open(search, visit.page);
      if (search !== '') await visit.page.getByRole('region', { name: 'Node details' }).waitFor();
      expect(await seriousViolations(visit.page)).toEqual([]);
    }
    expect(visit.errors).toEqual([]);
    await visit.page.context().close();
  },
  120_000,
);

it('a graph grows with its trace, and what one looks at stays', async () => {
  const growing = '0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d';
  const otlp = server.url('OTLP/HTTP');
  await sendSpans(otlp, growing, Date.now(), [
    { id: 1, service: 'job', name: 'begin', start: 0, duration: 9_000 },
  ]);
  await eventually(async () => (await fetch(`${url}/throughline/v1/traces/${growing}`)).ok);
  const visit = await openPage(browser);
  // However long this test takes, the page takes the trace for one of which more may come.
  await visit.page.route('**/timeline', async (route) => {
    const response = await route.fetch();
    const timeline = (await response.json()) as { warnings: object[] };
    const warning = { kind: 'still_arriving', message: '', span_ids: [], count: 0 };
    await route.fulfill({ response, json: { ...timeline, warnings: [...timeline.warnings, warning] } });
  });
  await visit.page.goto(`${url}/trace/${growing}?tab=graph`);
  const begin = node(/job: begin/, visit.page);
  await begin.click();
  for (let n = 0; n < 2; n++) await visit.page.keyboard.press('+');
  const before = (await begin.boundingBox())!;
  await sendSpans(otlp, growing, Date.now(), [
    { id: 2, parent: 1, service: 'job', name: 'go on', start: 5, duration: 20 },
  ]);
  await node(/job: go on/, visit.page).waitFor();
  expect((await begin.boundingBox())!.width).toBeCloseTo(before.width, 0);
  expect(await begin.getAttribute('aria-pressed')).toBe('true');
  expect(visit.errors).toEqual([]);
  await visit.page.unrouteAll({ behavior: 'ignoreErrors' });
  await visit.page.context().close();
});

it('a graph says that it is being arranged, and fits a telephone with the details of a node', async () => {
  const visit = await openPage(browser, { viewport: { width: 390, height: 800 } });
  let arrange = () => {};
  const held = new Promise<void>((resolve) => (arrange = resolve));
  await visit.page.route('**/elk-worker*', async (route) => {
    await held;
    await route.continue();
  });
  await visit.page.goto(`${url}/trace/${order}?tab=graph&span=${spanId(5)}`);
  await visit.page.getByText('Arranging the graph…').waitFor();
  arrange();
  const card = node(/CheckStock/, visit.page);
  await card.waitFor();
  const panel = (await visit.page.getByRole('region', { name: 'Node details' }).boundingBox())!;
  const at = (await card.boundingBox())!;
  expect(panel.width).toBe(390);
  expect(at.x >= 0 && at.x + at.width <= 390 && at.y + at.height <= panel.y).toBe(true);
  expect(await visit.page.locator('main').evaluate((main) => main.scrollWidth)).toBe(390);
  await visit.page.context().close();
});

it('a graph that cannot be arranged says so, and the other tabs go on', async () => {
  const visit = await openPage(browser);
  await visit.page.route('**/elk-worker*', (route) => route.abort());
  await visit.page.goto(`${url}/trace/${order}?tab=graph`);
  await visit.page.getByRole('alert').getByText('What arranges graphs could not be loaded.').waitFor();
  await visit.page.keyboard.press('1');
  await visit.page.getByRole('treegrid').waitFor();
  await visit.page.context().close();
});

it('nothing of all this leaves an error on the page', () => expect(errors).toEqual([]));
