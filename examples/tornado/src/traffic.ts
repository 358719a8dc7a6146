import { connect as connectNats } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { Rsyslog } from './traffic/rsyslog.ts';
import { mail } from './traffic/mail.ts';

// Has something happen all the time, and now and then everything that can go wrong.

const webhooks = process.env['WEBHOOKS'] ?? 'http://127.0.0.1:8080';
const mailSocket = process.env['MAIL_SOCKET'] ?? '/tmp/tornado-email.sock';
const everyMs = Number(process.env['TRAFFIC_EVERY_MS'] ?? 1000);

process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());

const rsyslog = new Rsyslog(process.env['RSYSLOG_CONFIG']);
const broker = await connectNats({
  servers: process.env['NATS_URL'] ?? 'localhost:4222',
  waitOnFirstConnect: true,
  maxReconnectAttempts: -1,
});
let count = 0;

/** The weights are out of 100; each kind shows one thing that can become of an event. */
const kinds: readonly [weight: number, send: (some: number) => Promise<unknown>][] = [
  // Matches: two rules, three actions, one of them over HTTP to another service.
  [22, () => push('refs/heads/main')],
  // Does not match any rule about pushes.
  [10, () => push('refs/heads/some-idea')],
  [4, () => push('refs/heads/release-3')],
  // An action that fails once or twice, and then not.
  [10, (some) => serviceDown('web', 1 + Math.round(some))],
  // One that fails for good.
  [4, () => serviceDown('database', 99)],
  // One that lacks a parameter, and one that nobody can execute.
  [4, () => serviceDown('pager', 0)],
  [3, () => serviceDown('director', 0)],
  [
    6,
    () =>
      post('monitoring?token=abc123', { type: 'foreach_log', source: 'traffic', values: ['a', 'b', 'c'] }),
  ],
  [6, () => post('monitoring?token=abc123', { type: 'alerts', alerts })],
  [3, () => post('monitoring?token=abc123', { type: 'heartbeat' })],
  // Refused: no event comes of these.
  [2, () => post('monitoring?token=guessed', { type: 'heartbeat' })],
  [2, () => post('github_test_repository?token=123456789', { ref: 'no commits' })],
  [
    6,
    (some) =>
      mail(mailSocket, 'Temperature of the server room', `It has ${Math.round(18 + 12 * some)} Degrees.`),
  ],
  [3, () => mail(mailSocket, 'Temperature', 'The sensor is silent.')],
  [9, () => rsyslog.write({ host: 'web1', message: 'Failed password for root from 192.0.2.7 port 22 ssh2' })],
  [6, (some) => publish(some < 0.5 ? 'vsphere' : 'sensors', { cpu: Math.round(100 * some) })],
];

const alerts = [
  { name: 'disk', severity: 'Critical' },
  { name: 'load', severity: 'warning' },
];

/** One after the other, for ever, whatever becomes of each. */
for (;;) {
  const started = Date.now();
  await pick(Math.random() * 100)(Math.random()).catch(async (error: unknown) => {
    // Where all is ending, nobody wants to know.
    await delay(200);
    process.stderr.write(`an event could not be delivered: ${String(error)}\n`);
  });
  await delay(Math.max(0, everyMs - (Date.now() - started)));
}

function pick(chance: number): (some: number) => Promise<unknown> {
  let sum = 0;
  const kind = kinds.find(([weight]) => (sum += weight) > chance);
  return kind ? kind[1] : () => push('refs/heads/main');
}

function push(ref: string): Promise<unknown> {
  const commits = [{ committer: { name: 'ann' }, modified: ['README.md'] }];
  return post('github_test_repository?token=123456789', { ref, repository: { name: 'shop' }, commits });
}

function serviceDown(service: string, failures: number): Promise<unknown> {
  const ticket = `T${Date.now()}_${count++}`;
  return post('monitoring?token=abc123', { type: 'service_down', service, failures, ticket });
}

async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`${webhooks}/event/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await response.text();
}

async function publish(topic: string, content: object): Promise<void> {
  broker.publish(topic, JSON.stringify(content));
  await broker.flush();
}
