import { setTimeout as delay } from 'node:timers/promises';

const url = process.env['FRONTEND'] ?? 'http://localhost:8080';
const everyMs = Number(process.env['TRAFFIC_EVERY_MS'] ?? 1000);

/** The weights are out of 100. Most requests are well; each of the others shows one thing that can be wrong. */
const kinds: readonly [weight: number, query: (some: number) => string][] = [
  [66, (some) => `?slow_handler=${Math.round(5 + 60 * some)}`],
  [10, (some) => `?slow_handler=${Math.round(200 + 700 * some)}`],
  [8, (some) => `?slow_body=${Math.round(100 + 400 * some)}`],
  [8, (some) => `?slow_dns=${Math.round(80 + 250 * some)}`],
  [2, () => '?fail=refused'],
  [2, () => '?fail=dns'],
  [2, () => '?fail=reset'],
  [2, () => '?slow_handler=3000'],
];

process.once('disconnect', () => process.exit());

/** One request after the other, for ever, whatever becomes of each. */
for (;;) {
  const started = Date.now();
  await fetch(url + pick(Math.random() * 100, Math.random()))
    .then((response) => response.text())
    .catch((error: unknown) => process.stderr.write(`no answer from ${url}: ${String(error)}\n`));
  await delay(Math.max(0, everyMs - (Date.now() - started)));
}

function pick(chance: number, some: number): string {
  let sum = 0;
  const kind = kinds.find(([weight]) => (sum += weight) > chance);
  return kind ? kind[1](some) : '';
}
