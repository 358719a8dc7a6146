import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { bigTrace, chainTrace, sendSpans } from './support/ui-trace-data.ts';
import { openTrace, rowOf, selectedRow } from './support/ui-trace-page.ts';

const big = 'b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1';
const deep = 'd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1';
const spans = bigTrace(100_000);

let server: Throughline;
let browser: Browser;
let url: string;

beforeAll(async () => {
  await buildUiOnce();
  [server, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  url = server.url('UI and API');
  const now = Date.now() - 60_000;
  await sendSpans(server.url('OTLP/HTTP'), deep, now, chainTrace(3_000));
  await sendSpans(server.url('OTLP/HTTP'), big, now, spans);
  for (const [traceId, count] of [
    [deep, 3_000],
    [big, spans.length],
  ] as const)
    // prettier-ignore
    await eventually(async () => {
      const response = await fetch(`${url}/throughline/v1/traces/${traceId}/timeline`);
      const timeline = (await response.json()) as { span_id?: string[] };
      return timeline.span_id?.length === count;
    }, 60_000);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it('shows a trace of 100,000 spans and scrolls through it without a blank row', async () => {
  const { page, errors } = await openPage(browser);
  await openTrace(page, url, big);
  await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('100000');
  const blank = await page.evaluate(async () => {
    const grid = document.querySelector('[role=treegrid]')!;
    let scroller = grid.parentElement!;
    while (getComputedStyle(scroller).overflowY !== 'auto') scroller = scroller.parentElement!;
    const bounds = grid.getBoundingClientRect();
    const frames: string[] = [];
    for (let frame = 0; frame < 120; frame++) {
      scroller.scrollTop += 150 + (frame % 7) * 400;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      // The scroll event has been handled by now; the frame is about to be shown.
      for (let y = bounds.top + 2; y < bounds.bottom; y += 24) {
        const row = document.elementFromPoint(bounds.left + 60, y)?.closest<HTMLElement>('[role=row]');
        const wanted = Math.floor((scroller.scrollTop + y - bounds.top) / 24) + 1;
        const pinned = row?.closest('[aria-hidden=true]');
        if (!row?.textContent || (!pinned && row.ariaRowIndex !== String(wanted)))
          frames.push(`frame ${frame}: ${row?.ariaRowIndex} in the place of ${wanted}`);
      }
    }
    return frames;
  });
  expect(blank).toEqual([]);
  await page.keyboard.press('End');
  expect(await selectedRow(page)).toContain('of the big job');
  await page.getByLabel('Find in this trace').fill('operation 17 of');
  const matches = spans.filter(({ name }) => name.startsWith('operation 17 of')).length;
  await page.getByText(`of ${matches.toLocaleString('en')}`).waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

it('keeps names readable at a depth of 3,000', async () => {
  const { page, errors } = await openPage(browser);
  await openTrace(page, url, deep);
  await page.keyboard.press('End');
  const row = rowOf(page, 'step number 3000').last();
  await row.waitFor();
  expect(await row.getAttribute('aria-level')).toBe('3000');
  expect(await row.innerText()).toContain('3,000');
  const { clipped, left } = await page
    .getByText('step number 3000', { exact: true })
    .last()
    .evaluate((name) => ({
      clipped: name.scrollWidth > name.clientWidth,
      left: name.getBoundingClientRect().left,
    }));
  expect(clipped).toBe(false);
  expect(left).toBeLessThan(330);
  await page.keyboard.press('c');
  await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('1');
  await page.keyboard.press('x');
  await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('3000');
  expect(errors).toEqual([]);
  await page.context().close();
});
