import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './support/browser.ts';
import { Throughline } from './support/throughline.ts';
import { buildUiOnce } from './support/ui-build.ts';

let program: Throughline;
let browser: Browser;

beforeAll(async () => {
  await buildUiOnce();
  [program, browser] = await Promise.all([Throughline.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

test('shows how to send a first trace to this very server, and goes on by itself when it arrives', async () => {
  const { page, errors } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(program.url('UI and API'));
  await page.getByRole('heading', { name: 'Send the first trace' }).waitFor();
  const endpoint = program.url('OTLP/HTTP');
  for (const name of ['Node', 'Python', 'Go', 'Java', 'curl']) {
    await page.getByRole('tab', { name }).click();
    const code = await page.getByRole('tabpanel', { name }).locator('pre').allInnerTexts();
    expect(code.join('\n')).toContain(endpoint);
  }
  await page.getByText(program.url('OTLP/gRPC'), { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Copy: Send one span by hand' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await promisify(execFile)('bash', ['-ec', copied]);

  await page
    .getByRole('list', { name: 'Traces' })
    .getByRole('link', { name: /my-service.*first trace/ })
    .waitFor();
  expect(await page.getByRole('switch', { name: 'Live' }).isChecked()).toBe(true);
  expect(errors).toEqual([]);
});
