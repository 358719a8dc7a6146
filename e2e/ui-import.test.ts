import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, seriousViolations } from './support/browser.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { shownTree } from './support/ui-trace-page.ts';

let program: Throughline;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'throughline-import-'));
/** Years ago, in microseconds. */
const then = 1_500_000_000_000_000;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  const text = typeof content === 'string' || content instanceof Buffer ? content : JSON.stringify(content);
  writeFileSync(path, text);
  return path;
}

function jaegerTrace(traceID: string, name: string, spans = 3): object {
  return {
    traceID,
    spans: Array.from({ length: spans }, (_, n) => ({
      traceID,
      spanID: (n + 1).toString(16),
      operationName: n === 0 ? name : `step ${n}`,
      references: n === 0 ? [] : [{ refType: 'CHILD_OF', traceID, spanID: '1' }],
      startTime: then + n * 1_000,
      duration: n === 0 ? spans * 1_000 : 800,
      tags: [{ key: 'n', type: 'int64', value: n }],
      logs: [],
      processID: n === 0 ? 'p1' : 'p2',
    })),
    processes: { p1: { serviceName: 'shop' }, p2: { serviceName: 'pay' } },
  };
}

async function open(path: string, look = {}): Promise<{ page: Page; errors: string[] }> {
  const { page, errors } = await openPage(browser, look);
  await page.goto(program.url('UI and API') + path);
  return { page, errors };
}

/** Chooses files with the button in the bar. */
async function choose(page: Page, ...paths: string[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Import files' }).click();
  await (await chooser).setFiles(paths);
}

/** Drops a file onto the page as the browser does it. */
async function drag(page: Page, steps: readonly string[], name: string, content: string): Promise<void> {
  await page.evaluate(
    ([events, fileName, text]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], fileName));
      const target = document.querySelector('h1') ?? document.body;
      for (const event of events)
        target.dispatchEvent(new DragEvent(event, { dataTransfer, bubbles: true, cancelable: true }));
    },
    [steps, name, content] as const,
  );
}

test("opens the trace of a file that is dropped, before anything else was ever stored: Jaeger's", async () => {
  const { page, errors } = await open('/');
  await page.getByRole('heading', { name: 'Send the first trace' }).waitFor();
  const content = JSON.stringify({ data: [jaegerTrace('beef', 'GET /old')] });
  await drag(page, ['dragenter', 'dragover'], 'old.json', content);
  await page.getByText('Drop to open').waitFor();
  await drag(page, ['dragleave'], 'old.json', content);
  await page.getByText('Drop to open').waitFor({ state: 'detached' });
  await drag(page, ['dragenter', 'dragover', 'drop'], 'old.json', content);
  await page.getByRole('treegrid').waitFor();
  expect(new URL(page.url()).pathname).toBe(`/trace/${'beef'.padStart(32, '0')}`);
  expect(await shownTree(page)).toBe('shop GET /old\n  pay step 1\n  pay step 2');
  expect(errors).toEqual([]);
  await page.context().close();
});

test('opens JSON lines in gzip that are chosen by key, and lists several traces of any age', async () => {
  const line = (id: string, name: string) =>
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'ituna' } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: id.padStart(32, '0'),
                  spanId: id.padStart(16, '0'),
                  name,
                  kind: 5,
                  startTimeUnixNano: `${then}000`,
                  endTimeUnixNano: `${then + 5_000}000`,
                },
              ],
            },
          ],
        },
      ],
    });
  const path = file(
    'export.jsonl.gz',
    gzipSync(`${line('c1', 'song played')}\n${line('c2', 'song liked')}\n`),
  );
  const { page } = await open('/search');
  await page.getByText('No trace was stored in this time').waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('i');
  await (await chooser).setFiles(path);
  await page.getByText('2 traces, 2 spans').waitFor();
  expect(new URL(page.url()).pathname).toBe('/import');
  const traces = page.getByRole('list', { name: 'Traces' }).getByRole('link');
  expect(await traces.allInnerTexts()).toEqual([
    expect.stringMatching(/^2017-07-14[^]*ituna[^]*song played/),
    expect.stringMatching(/^2017-07-14[^]*ituna[^]*song liked/),
  ]);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('treegrid').waitFor();
  expect(await shownTree(page)).toBe('ituna song liked');
  await page.goBack();
  await page.getByText('2 traces, 2 spans').waitFor();
  await page.context().close();
});

test('says that the spans of a file that comes again are there already', async () => {
  const path = file('again.json', [
    { traceId: 'd1', id: '1', name: 'zip', timestamp: then, duration: 7 },
    { traceId: 'd2', id: '1', name: 'zap', timestamp: then },
  ]);
  const { page } = await open('/search');
  await choose(page, path);
  await page.getByText('2 traces, 2 spans').waitFor();
  await choose(page, path);
  await page.getByText('2 spans were stored already: not added again').waitFor();
  const trace = await fetch(`${program.url('UI and API')}/throughline/v1/traces/${'d1'.padStart(32, '0')}`);
  expect(((await trace.json()) as { spans: object[] }).spans).toHaveLength(1);
  await page.context().close();
});

test('opens a file of log records alone in the list of these, at their time', async () => {
  const record = (n: number) => ({
    timeUnixNano: `${then + n}000`,
    severityNumber: 9,
    body: { stringValue: `record ${n}` },
  });
  const path = file('logs.json', { resourceLogs: [{ scopeLogs: [{ logRecords: [record(1), record(2)] }] }] });
  const { page } = await open('/search');
  await choose(page, path);
  await page.getByText('record 2').waitFor();
  expect(new URL(page.url()).pathname).toBe('/logs');
  await page.getByText('2 records').waitFor();
  await page.context().close();
});

test('says of a broken file what is wrong and where, keeps what could be read, and fits', async () => {
  const paths = [
    file('broken.json', '{\n "data": [\n  {"traceID": nope}\n ]\n}'),
    file(
      'mixed.jsonl',
      [JSON.stringify(jaegerTrace('e1', 'good')), 'nonsense', '[{"traceId": "1", "id": "x"}]'].join('\n'),
    ),
    file('package.json', { name: 'x', version: '1' }),
  ];
  for (const look of [
    { colorScheme: 'light', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
    { colorScheme: 'dark', viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' },
  ] as const) {
    const { page } = await open('/import', look);
    await page.getByRole('heading', { name: 'Open files of traces and logs' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await choose(page, ...paths);
    await page.getByText('neither OTLP nor of Jaeger nor of Zipkin').waitFor();
    const cards = await page.getByRole('list', { name: 'Files' }).innerText();
    expect(cards).toMatch(/broken\.json[^]*line 3, column 15: this is not JSON/);
    expect(cards).toMatch(
      /mixed\.jsonl[^]*Jaeger · Zipkin[^]*2 problems[^]*line 2 this is not JSON[^]*line 3, \[0\]\.id expected/,
    );
    await page.getByRole('link', { name: /shop good/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.context().close();
  }
}, 120_000);

test('opens a trace of many spans', async () => {
  const path = file('huge.json', { data: [jaegerTrace('f00d', 'huge', 30_000)] });
  const { page } = await open('/search');
  await choose(page, path);
  await page.getByText('Reading…').waitFor();
  await page.getByRole('treegrid').waitFor({ timeout: 60_000 });
  await page.getByText('30,000').first().waitFor();
  await page.context().close();
}, 120_000);

test('is cancelled, and says when the server cannot be reached', async () => {
  const path = file('later.json', [{ traceId: 'd9', id: '1', timestamp: then }]);
  const { page } = await open('/search');
  let answer = () => {};
  await page.route('**/throughline/v1/import', async (route) => {
    await new Promise<void>((resolve) => (answer = resolve));
    await route.abort().catch(() => {});
  });
  await choose(page, path);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled').waitFor();
  answer();
  await page.unroute('**/throughline/v1/import');
  await page.route('**/throughline/v1/import', (route) => route.abort('connectionrefused'));
  await choose(page, path);
  await page.getByText('The server does not answer').waitFor();
  await page.context().close();
});
