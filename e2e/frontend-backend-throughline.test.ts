import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { repository } from './support/build.ts';
import { Example } from './support/frontend-backend.ts';
import { frontendBackendChecks } from './support/frontend-backend-checks.ts';
import { traceOnce } from './support/telemetry-receiver.ts';
import { throughlineReceiver } from './support/throughline-receiver.ts';

describe('the frontend-backend example, as Throughline stores and answers it', () =>
  frontendBackendChecks(throughlineReceiver));

test('the report says how much of a request was frontend, network and backend', async () => {
  const receiver = await throughlineReceiver();
  const example = await Example.start(receiver.environment);
  try {
    const { traceId } = await example.get('/?slow_handler=80');
    await traceOnce(receiver, traceId, ({ spans }) => spans.length >= 9);
    const report = join(repository, 'examples', 'frontend-backend', 'dist', 'report.js');
    for (const args of [[], [traceId]]) {
      const { stdout } = await promisify(execFile)(process.execPath, [report, ...args], {
        env: { THROUGHLINE: receiver.program.url('UI and API') },
      });
      const row = stdout.split('\n').find((line) => line.includes(traceId)) ?? '';
      const [total = 0, ...parts] = [...row.matchAll(/([\d.]+) ms/g)].map(([, ms]) => Number(ms));
      expect(parts).toHaveLength(3);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 1);
      expect(parts[2]).toBeGreaterThan(79);
    }
  } finally {
    await example.stop();
    await receiver.close();
  }
});
