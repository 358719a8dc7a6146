import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';

// Runs both services and the traffic until SIGTERM or SIGINT, against the OTLP endpoint that the environment names.

const endpoint = new URL(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4318');
/** Who starts this wants to see something. */
const soon = { OTEL_BSP_SCHEDULE_DELAY: '500', OTEL_BLRP_SCHEDULE_DELAY: '500' };
const folder = mkdtempSync(join(tmpdir(), 'frontend-backend-'));
const children: ChildProcess[] = [];
let stopping = false;

process.once('SIGTERM', () => void stop(0));
process.once('SIGINT', () => void stop(0));

try {
  await reachable(endpoint.hostname, Number(endpoint.port || (endpoint.protocol === 'https:' ? 443 : 80)));
  const env = { ...soon, ...process.env, ...(await certificate()) };
  const backendPort = await port('BACKEND_PORT', 8081);
  const frontendPort = await port('FRONTEND_PORT', 8080);
  run('backend', { ...env, BACKEND_PORT: String(backendPort) });
  await reachable('localhost', backendPort);
  const BACKEND = process.env['BACKEND'] ?? `https://localhost:${backendPort}`;
  run('frontend', { ...env, BACKEND, FRONTEND_PORT: String(frontendPort) });
  await reachable('localhost', frontendPort);
  const FRONTEND = `http://localhost:${frontendPort}`;
  process.stdout.write(`frontend-backend: try ${FRONTEND}/ (and ${FRONTEND}/?slow_handler=500)\n`);
  run('traffic', { ...process.env, FRONTEND });
} catch (error) {
  process.stderr.write(`frontend-backend: ${String(error)}\n`);
  await stop(1);
}

function run(name: string, env: NodeJS.ProcessEnv): void {
  if (stopping) return;
  const file = fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
  // The services log each request; in one terminal with others only what goes wrong is of interest.
  const log = process.env['LOGS'] === '1' ? 'inherit' : 'ignore';
  const child = spawn(process.execPath, [...process.execArgv, file], {
    env,
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  children.push(child);
  child.once('exit', (code, signal) => {
    if (stopping) return;
    process.stderr.write(`frontend-backend: ${name} ended by itself (${signal ?? code})\n`);
    void stop(1);
  });
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  const living = children.filter((child) => child.exitCode === null && child.signalCode === null);
  const ended = Promise.all(living.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  for (const child of living) child.kill('SIGTERM');
  await Promise.race([ended, delay(2800, undefined, { ref: false })]);
  for (const child of living) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

/** Waits, for ever, until something listens there; after a second it says so. */
async function reachable(host: string, at: number): Promise<void> {
  const say = (): void => void process.stdout.write(`frontend-backend: waits for ${host}:${at} to listen\n`);
  const timer = setTimeout(say, 1000);
  while (!stopping && !(await accepts(host.replace(/^\[(.*)\]$/, '$1'), at))) await delay(100);
  clearTimeout(timer);
}

function accepts(host: string, at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: at });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** What the variable says; else the usual port, or any other where that is taken. */
async function port(variable: string, usual: number): Promise<number> {
  const given = process.env[variable];
  if (given) return Number(given);
  return (await free(usual)) ?? (await free(0)) ?? usual;
}

function free(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** A certificate for `localhost` that signs itself, for as long as this runs. */
async function certificate(): Promise<{ TLS_CERT: string; TLS_KEY: string; TLS_CA: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { TLS_CERT: certFile, TLS_KEY: keyFile, TLS_CA: certFile };
}
