import { setTimeout as delay } from 'node:timers/promises';

const url = process.env['SERVER_URL'] ?? 'http://localhost:8080/hello';
const everyMs = Number(process.env['TRAFFIC_EVERY_MS'] ?? 5000);

process.once('disconnect', () => process.exit());

/** Somebody who is not traced himself asks the server now and then: those traces begin at the server. */
for (;;) {
  await delay(everyMs);
  await fetch(url)
    .then((response) => response.text())
    .catch((error: unknown) => process.stderr.write(`no answer from ${url}: ${String(error)}\n`));
}
