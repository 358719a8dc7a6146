// What @throughline/node adds to the start of a service that imports express and makes one request: CPU and wall time of
// the whole process, with nobody to export to, so that the time to the end is the time that tracing takes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { buildOnce, repository } from '../e2e/support/build.ts';
import { median, round } from './numbers.ts';

export const options = { rounds: 15 };

export interface NodeStartupResult {
  readonly nodeStartup: readonly {
    readonly service: string;
    readonly cpuMs: number;
    readonly addedCpuMs: number;
    readonly wallMs: number;
    readonly addedWallMs: number;
  }[];
}

const services = {
  'node:http': `import http from 'node:http'; http.createServer(() => {}).listen(0, '127.0.0.1', done);`,
  'express, pino, ioredis': `import express from 'express'; import 'pino'; import 'ioredis';
    express().get('/', () => {}).listen(0, '127.0.0.1', done);`,
};
/** Ends where a service begins to serve; what the process has used until then is its last line. */
const served = `
function done() {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
  process.exit();
}
`;

export async function run({ rounds } = options): Promise<NodeStartupResult> {
  await buildOnce();
  // Packages are found from here.
  const folder = mkdtempSync(join(repository, 'benchmarks', '.node-startup-'));
  const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
  try {
    const nodeStartup = [];
    for (const [service, text] of Object.entries(services)) {
      const file = join(folder, 'service.mjs');
      writeFileSync(file, text + served);
      const without: Used[] = [];
      const withTracing: Used[] = [];
      for (let each = 0; each < rounds; each++) {
        without.push(await start([file]));
        withTracing.push(await start(['--import', register, file]));
      }
      const of = (used: Used[], key: keyof Used): number => median(used.map((each) => each[key]));
      nodeStartup.push({
        service,
        cpuMs: round(of(withTracing, 'cpuMs')),
        addedCpuMs: round(of(withTracing, 'cpuMs') - of(without, 'cpuMs')),
        wallMs: round(of(withTracing, 'wallMs')),
        addedWallMs: round(of(withTracing, 'wallMs') - of(without, 'wallMs')),
      });
    }
    console.table(nodeStartup);
    return { nodeStartup };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Used {
  readonly cpuMs: number;
  readonly wallMs: number;
}

function start(args: readonly string[]): Promise<Used> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], OTEL_SERVICE_NAME: 'bench' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let wallMs = 0;
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    wallMs ||= performance.now() - begun;
    said += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve({ cpuMs: Number(said), wallMs }) : reject(new Error(`ended with ${code}`)),
    );
  });
}
