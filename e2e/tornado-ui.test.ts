import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';
import { TornadoTests } from './support/tornado-tests.ts';
import { buildUiOnce } from './support/ui-build.ts';
import { rowOf } from './support/ui-trace-page.ts';

// What an operator asks of events, answered on the screen.

const tests = new TornadoTests();
type Receiver = Awaited<ReturnType<typeof throughlineReceiver>>;
let receiver: Receiver;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  await buildUiOnce();
  [receiver, browser] = await Promise.all([throughlineReceiver(), launchBrowser()]);
  // Tall enough for all rows.
  ({ page, errors } = await openPage(browser, { viewport: { width: 1440, height: 2400 } }));
});
afterAll(async () => {
  await browser?.close();
  await receiver?.close();
});

/** Searches until one trace is found, and opens it. */
async function openTheOne(search: string): Promise<void> {
  const url = `${receiver.program.url('UI and API')}/search?${search}`;
  const deadline = Date.now() + 15_000;
  const count = page.getByText('1 trace', { exact: true });
  do {
    await page.goto(url);
    await count.or(page.getByText('No trace')).first().waitFor();
  } while (!(await count.isVisible()) && Date.now() < deadline);
  await page.getByRole('list', { name: 'Traces' }).getByRole('link').first().click();
  await rowOf(page, 'POST /event/monitoring').first().waitFor();
}

const shown = (operation: string) => rowOf(page, operation).first().waitFor();

test('was it not sent? did it not match? did its action fail? each is found and seen', async () => {
  const tornado = await tests.start({ environment: receiver.environment, rules: 'sample' });
  await tornado.connected();
  await tornado.event('heartbeat', {});
  await tornado.event('service_down', { service: 'pager', failures: 0, ticket: 'T1' });

  await openTheOne('service=tornado_engine&kind=consumer&status=error');
  await shown('Emit Action: script');
  const reason = page.getByText('the payload of the action has no text "script"').first();
  const failed = rowOf(page, 'Execute Action: script').filter({ has: page.getByLabel(/error/i) });
  expect([await failed.count(), await reason.count()]).toEqual([1, 0]);
  await failed.click();
  await reason.waitFor();

  await openTheOne(
    'service=tornado_engine&operation=Match+against+Processing+Tree&where=rules.matched.count+%3D+0',
  );
  await shown('Process Filter: github');
  await shown('Process Rule: all_emails');
  expect(await page.getByRole('row').filter({ hasText: 'Execute Action' }).count()).toBe(0);
  await rowOf(page, 'Process Rule: all_emails').first().click();
  await page.getByText('NotMatched').first().waitFor();

  await tornado.engine.stop();
  await tornado.event('heartbeat', {});
  await openTheOne('service=tornado_webhook_collector&kind=producer&status=error');
  await rowOf(page, 'Send Event to NATS subject: alpha.tornado.events').first().click();
  await page.getByText('nobody listens to alpha.tornado.events').first().waitFor();
  expect(await page.getByRole('row').filter({ hasText: 'tornado_engine' }).count()).toBe(0);
  expect(errors).toEqual([]);
}, 60_000);
