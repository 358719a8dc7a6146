// The web app in a real browser, one trace of 100,000 spans. Prints a table.
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage } from '../e2e/support/browser.ts';
import { eventually } from '../e2e/support/eventually.ts';
import { Throughline } from '../e2e/support/throughline.ts';
import { buildUiOnce } from '../e2e/support/ui-build.ts';
import { bigTrace, sendSpans } from '../e2e/support/ui-trace-data.ts';

const count = 100_000;
const traceId = 'b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1';

export interface UiResult {
  readonly spans: number;
  /** From the click on the trace in the search's list to the frame that shows its rows; medians of `rounds`. */
  readonly clickToScreenMs: number;
  readonly rounds: number;
  /** Of that, what the server takes for the timeline, asked on its own. */
  readonly timelineAnswerMs: number;
  readonly timelineMegabytes: number;
  /** Time from frame to frame while scrolling as fast as a wheel can, and what is done in one. */
  readonly scrollFrameMedianMs: number;
  readonly scrollFrameP95Ms: number;
  readonly scrollWorkMedianMs: number;
  readonly scrollWorkP95Ms: number;
  /** From a key press to the frame that shows the next span selected. */
  readonly selectNextMs: number;
}

export async function run(): Promise<UiResult> {
  await buildUiOnce();
  const [server, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  try {
    const url = server.url('UI and API');
    await sendSpans(server.url('OTLP/HTTP'), traceId, Date.now() - 90_000, bigTrace(count));
    await eventually(async () => (await timeline(url)).spans === count, 60_000);
    const result = await measure(browser, url);
    console.table(result);
    return result;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function measure(browser: Browser, url: string): Promise<UiResult> {
  const rounds = 5;
  const clicks: number[] = [];
  const answers: number[] = [];
  let megabytes = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    megabytes = (await timeline(url)).megabytes;
    answers.push(performance.now() - start);
    const { page } = await openPage(browser);
    clicks.push(await clickToScreen(page, url));
    await page.context().close();
  }
  const { page } = await openPage(browser);
  await clickToScreen(page, url);
  const { frames, work } = await scroll(page);
  return {
    spans: count,
    clickToScreenMs: round(at(clicks, 0.5)),
    rounds,
    timelineAnswerMs: round(at(answers, 0.5)),
    timelineMegabytes: round(megabytes),
    scrollFrameMedianMs: round(at(frames, 0.5)),
    scrollFrameP95Ms: round(at(frames, 0.95)),
    scrollWorkMedianMs: round(at(work, 0.5)),
    scrollWorkP95Ms: round(at(work, 0.95)),
    selectNextMs: round(at(await selectNext(page), 0.5)),
  };
}

async function timeline(url: string): Promise<{ spans: number; megabytes: number }> {
  const response = await fetch(`${url}/throughline/v1/traces/${traceId}/timeline`);
  const text = await response.text();
  const { span_id: ids } = JSON.parse(text) as { span_id?: string[] };
  return { spans: ids?.length ?? 0, megabytes: text.length / 1e6 };
}

async function clickToScreen(page: Page, url: string): Promise<number> {
  await page.goto(`${url}/search`);
  const link = page.locator(`a[href*="${traceId}"]`).first();
  await link.waitFor({ timeout: 30_000 });
  await page.evaluate((spans) => {
    const measured = { start: 0, end: 0 };
    Object.assign(window, { measured });
    addEventListener('click', ({ timeStamp }) => (measured.start = timeStamp), { capture: true, once: true });
    void (async () => {
      let rows = 0;
      while (rows < spans) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        rows = Number(document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount') ?? 0);
      }
      // The frame that is being made shows the rows; it is out when a task can run after it.
      await new Promise((resolve) => setTimeout(resolve));
      measured.end = performance.now();
    })();
  }, count);
  await link.click();
  const measured = await page.waitForFunction(() => {
    const { start, end } = (window as unknown as { measured: { start: number; end: number } }).measured;
    return end > 0 && end - start;
  });
  return Number(await measured.jsonValue());
}

/** 300 frames, several rows to several screens at a time. */
function scroll(page: Page): Promise<{ frames: number[]; work: number[] }> {
  return page.evaluate(async () => {
    let scroller = document.querySelector('[role=treegrid]')!.parentElement!;
    while (getComputedStyle(scroller).overflowY !== 'auto') scroller = scroller.parentElement!;
    const frames: number[] = [];
    const work: number[] = [];
    let handled = 0;
    scroller.addEventListener('scroll', () => (handled = performance.now()), { capture: true });
    scroller.addEventListener('scroll', () => work.push(performance.now() - handled));
    let before = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    for (let frame = 0; frame < 300; frame++) {
      scroller.scrollTop += 48 + (frame % 10) * 120;
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      frames.push(now - before);
      before = now;
    }
    return { frames: frames.slice(10), work: work.slice(10) };
  });
}

async function selectNext(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const times: number[] = [];
    for (let press = 0; press < 40; press++) {
      const start = performance.now();
      dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - start);
    }
    return times.slice(5);
  });
}

function at(values: number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
