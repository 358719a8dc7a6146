import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { closedPort, httpServer } from '../testing/servers.ts';
import { doctor } from './doctor.ts';
import type { DoctorOptions } from './options.ts';
import type { Finding } from './report.ts';

/** For each test of a file a folder without packages, and a receiver of OTLP that the environment names. */
export function setup() {
  const closing: (() => unknown)[] = [];
  const examined = { folder: '', nobody: '' };

  beforeEach(async () => {
    examined.folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    examined.nobody = `127.0.0.1:${await closedPort()}`;
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await receiver((_request, response) => response.end()));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    vi.unstubAllEnvs();
    rmSync(examined.folder, { recursive: true });
  });

  async function receiver(listener: RequestListener): Promise<string> {
    const server = await httpServer((request, response) => {
      request.resume();
      listener(request, response);
    });
    closing.push(() => server.close());
    return `http://127.0.0.1:${server.port}`;
  }

  /** What is found about `check`, one line each, with ports left out. */
  async function found(check: Finding['check'], options: DoctorOptions = {}): Promise<string[]> {
    const { findings } = await doctor({
      folder: examined.folder,
      waitMs: 0,
      api: `http://${examined.nobody}`,
      ...options,
    });
    return findings
      .filter((each) => each.check === check)
      .map(({ status, subject, found: what }) =>
        `${status} ${subject}: ${what}`.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
      );
  }

  return { examined, closing, receiver, found };
}
