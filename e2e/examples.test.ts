import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SearchResult } from '@throughline/query/api';
import { afterEach, expect, test } from 'vitest';
import { repository } from './support/build.ts';
import { eventually } from './support/eventually.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

/** In the environment of everything that a test starts. */
const mark = `throughline-examples-${randomUUID()}`;

/** What a trace of each example begins with. */
const beginnings = {
  'frontend-backend': { service: 'frontend', operation: 'incoming call' },
  'hello-tracing': { service: 'hello-tracing-gateway', operation: 'incoming request' },
  ituna: { service: 'website-ordering', operation: 'main-website-order' },
  pubsub: { service: 'client', operation: 'make request' },
  tornado: { service: 'tornado_webhook_collector', operation: '' },
};

afterEach(() => {
  for (const pid of living()) process.kill(pid, 'SIGKILL');
});

/** Processes with the mark, as Linux tells them. */
function living(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && environment(pid).includes(mark));
}

function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // It has ended, or is another user's.
  }
}

test.runIf(process.platform === 'linux')(
  'all examples run on one server within a minute, and end with all they have started',
  { timeout: 150_000 },
  async () => {
    const receiver = await throughlineReceiver();
    const all = spawn(process.execPath, [join(repository, 'scripts', 'example.mjs'), 'all'], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], MARK: mark, ...receiver.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [all.stdout, all.stderr]) stream.on('data', (text: Buffer) => (output += text));
    const exited = new Promise((resolve) => all.once('exit', resolve));
    try {
      for (const [name, { service, operation }] of Object.entries(beginnings))
        await eventually(async () => {
          const url = new URL('/throughline/v1/traces', receiver.program.url('UI and API'));
          url.search = new URLSearchParams({ service, ...(operation && { operation }) }).toString();
          const { traces } = (await (await fetch(url)).json()) as SearchResult;
          if (traces.length === 0) throw new Error(`no trace of ${name}: ${output}`);
          return true;
        }, 90_000);
      process.kill(-all.pid!, 'SIGINT');
      expect(await exited, output).toBe(0);
      expect(living()).toEqual([]);
      expect(output).not.toMatch(/has ended/);
    } finally {
      await receiver.close();
    }
  },
);
