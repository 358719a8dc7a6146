import type { Locator, Page } from 'playwright-core';

/** The row of the waterfall that shows this operation; pinned copies of rows do not count. */
export function rowOf(page: Page, operation: string): Locator {
  return page.getByRole('row').filter({ has: page.getByText(operation, { exact: true }) });
}

/** What the rows in sight show, top to bottom, indented by their depth. */
export async function shownTree(page: Page): Promise<string> {
  const rows = await page.getByRole('row').evaluateAll((elements) =>
    elements.map((element) => ({
      index: Number(element.getAttribute('aria-rowindex')),
      level: Number(element.getAttribute('aria-level')),
      text: [...element.firstElementChild!.children]
        .map((part) => part.textContent?.trim())
        .filter(Boolean)
        .join(' '),
    })),
  );
  return rows
    .toSorted((a, b) => a.index - b.index)
    .map(({ level, text }) => '  '.repeat(level - 1) + text)
    .join('\n');
}

/** Rows that are selected, by operation. */
export async function selectedRow(page: Page): Promise<string> {
  return page
    .locator('[role=row][aria-selected=true]:visible')
    .first()
    .evaluate((row) => (row as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim());
}

/**
 * Where the bar in a row begins and ends, in pixels from the left of the page: the outermost pixels of its service's
 * colour on the canvas.
 */
export async function barOf(page: Page, operation: string): Promise<{ from: number; to: number }> {
  const row = rowOf(page, operation);
  const box = (await row.boundingBox())!;
  const color = await row.evaluate((element) => {
    const pill = [...element.querySelectorAll('div')].find((each) => each.style.background !== '')!;
    return getComputedStyle(pill).backgroundColor.match(/\d+/g)!.map(Number);
  });
  return page.locator('canvas:visible').evaluateAll(
    (canvases, { y, rgb }) => {
      const canvas = canvases
        .map((each) => each as HTMLCanvasElement)
        .find((each) => {
          const { top, bottom } = each.getBoundingClientRect();
          return each.closest('[role=slider], [title]') === null && y >= top && y < bottom;
        })!;
      const bounds = canvas.getBoundingClientRect();
      const scale = canvas.width / bounds.width;
      const line = Math.round((y - bounds.top) * scale);
      const { data } = canvas.getContext('2d')!.getImageData(0, line, canvas.width, 1);
      const hits = Array.from({ length: canvas.width }, (_, x) => x).filter((x) =>
        rgb.every((value, part) => Math.abs(data[x * 4 + part]! - value) < 3 && data[x * 4 + 3]! > 250),
      );
      return { from: bounds.left + hits[0]! / scale, to: bounds.left + (hits.at(-1)! + 1) / scale };
    },
    { y: box.y + box.height / 2 - 3, rgb: color },
  );
}

/** From a position on the page to milliseconds of the trace: by the first and last label of the ruler. */
export async function timeScale(page: Page): Promise<(x: number) => number> {
  const labels = await page.locator('[data-ruler] > span').evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right } = element.getBoundingClientRect();
      const last = (element as HTMLElement).dataset['last'] !== undefined;
      return { x: last ? right : left, ms: Number.parseFloat(element.textContent ?? '') };
    }),
  );
  const [first, last] = [labels[0]!, labels.at(-1)!];
  return (x) => first.ms + ((x - first.x) / (last.x - first.x)) * (last.ms - first.ms);
}

/** Goes to a trace and waits for its rows. */
export async function openTrace(page: Page, url: string, traceId: string, search = ''): Promise<void> {
  await page.goto(`${url}/trace/${traceId}${search}`);
  await page.getByRole('treegrid').waitFor();
  await page.getByRole('row').first().waitFor();
}
