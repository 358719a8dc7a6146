import type { Span } from '@throughline/model';
import { expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { drawnTrace, sendSpans } from './support/map-traces.ts';
import { Throughline } from './support/throughline.ts';
import { untilStored } from './support/traces.ts';
import { buildUiOnce } from './support/ui-build.ts';

/** Three hundred services in a row, each of which calls the next and one that is farther on. */
function manyServices(): Span[] {
  return Array.from({ length: 300 }, (_, n) =>
    [n + 1, n + 1 + ((n * 7) % 23)]
      .filter((to) => to < 300)
      .flatMap((to) =>
        drawnTrace(
          `service-${n}: GET / server 0..50
             service-${to}: GET / server 1..49${n % 40 === 0 ? ' error' : ''}`,
          Date.now() - 60_000,
        ),
      ),
  ).flat();
}

test('a map of three hundred services is drawn, searched and walked', async () => {
  await buildUiOnce();
  const [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
  try {
    const spans = manyServices();
    await sendSpans(program.url('OTLP/HTTP'), spans);
    await untilStored(program.url('UI and API'), spans.length);
    const { page, errors } = await openPage(browser);
    page.setDefaultTimeout(60_000);
    await page.goto(`${program.url('UI and API')}/map`);
    await page.locator('[data-node]').first().waitFor();
    expect(await page.locator('[data-node]').count()).toBe(300);
    await page.getByText('300 services').waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('service-211');
    await page.keyboard.press('Enter');
    const details = page.getByRole('region', { name: 'Node details' });
    await details.getByRole('heading', { name: 'service-211' }).waitFor();
    const card = page.getByRole('button', { name: /^service-211,/ });
    const box = (await card.boundingBox())!;
    expect(box.x >= 0 && box.x < 1080 && box.y > 44 && box.y < 900).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowRight');
    await details.getByRole('heading', { name: 'service-211' }).waitFor({ state: 'hidden' });
    await details.getByRole('button', { name: 'Focus' }).click();
    await page.getByText(/^[2-9] services$/).waitFor();
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await program.stop();
  }
}, 180_000);
