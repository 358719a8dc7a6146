import { setTimeout as delay } from 'node:timers/promises';

const gateway = process.env['GATEWAY'] ?? 'http://127.0.0.1:8080';
const everyMs = Number(process.env['TRAFFIC_EVERY_MS'] ?? 1000);

/** Probes as an orchestrator sends them, and callers of the API's versions. */
const requests: readonly [path: string, headers: Record<string, string>][] = [
  ['/', {}],
  ['/v0/hello', {}],
  ['/hello', { 'x-api-version': 'v0' }],
  ['/hello', { authorization: 'Bearer of-nobodys-business' }],
  ['/hello', { 'x-api-version': 'v7' }],
];

process.once('disconnect', () => process.exit());

/** One request after the other, for ever, whatever becomes of each. */
for (let i = 0; ; i++) {
  const started = Date.now();
  const [path = '', headers = {}] = requests[i % requests.length] ?? [];
  await fetch(gateway + path, { headers })
    .then((response) => response.text())
    .catch((error: unknown) => process.stderr.write(`no answer from ${gateway}: ${String(error)}\n`));
  await delay(Math.max(0, everyMs - (Date.now() - started)));
}
