import { connect as connectNats, headers } from '@nats-io/transport-node';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { treeOf } from './support/telemetry-receiver.ts';
import { action, filter, rule, ruleset } from './support/tornado-rules.ts';
import { TornadoTests } from './support/tornado-tests.ts';

const tests = new TornadoTests();

/** Logs the whole event. */
const rules = filter(
  'root',
  {},
  ruleset(
    'all',
    rule('log_all', {}, [action('logger', { type: '${event.type}', payload: '${event.payload}' })]),
  ),
);

const message = `From: Ann <ann@example.com>
To: bob@example.com, "Carl C." <carl@example.com>
Cc: dora@example.com
Date: Sun, 2 Oct 2016 14:06:57 +0000
Subject: =?utf-8?q?a_test_=E2=82=AC?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

It costs 3 =E2=82=AC
--B
Content-Type: text/csv; name=table.csv
Content-Disposition: attachment; filename=table.csv

a,b
--B
Content-Type: application/octet-stream
Content-Disposition: attachment; filename=bytes.bin
Content-Transfer-Encoding: base64

AAEC
--B--
`.replaceAll('\n', '\r\n');

test('an e-mail that is delivered to the socket is an event, in one trace with the engine', async () => {
  const tornado = await tests.start({ rules }, []);
  await tornado.engine.logged(/^subscribed to/);
  const collector = await tornado.startCollector('email');
  await collector.logged('NatsPublisherActor - Connection to NATS made');
  // In pieces, as a socket may give it.
  const socket = connect(join(tornado.folder, 'email.sock'));
  socket.write(message.slice(0, 300));
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.end(message.slice(300));
  const logged = await tornado.engine.logged('LoggerExecutor - received action');
  expect(JSON.parse(String(logged.action))).toEqual({
    type: 'email',
    payload: {
      date: 1475417217,
      subject: 'a test €',
      from: '"Ann" <ann@example.com>',
      to: 'bob@example.com, "Carl C." <carl@example.com>',
      cc: 'dora@example.com',
      body: 'It costs 3 €',
      attachments: [
        {
          filename: 'table.csv',
          mime_type: 'text/csv',
          encoding: 'plaintext',
          content: expect.stringMatching(/^a,b\s*$/),
        },
        { filename: 'bytes.bin', mime_type: 'application/octet-stream', encoding: 'base64', content: 'AAEC' },
      ],
    },
  });
  const spans = await tests.traced(logged.trace_id ?? '');
  expect(treeOf(spans)).toMatch(
    /^tornado_email_collector: Collect email Event\n {2}tornado_email_collector: Send Event to NATS subject: alpha\.tornado\.events\n {4}tornado_engine: Process event\n/,
  );
});

test('a line of JSON on standard input is an event; a line that is none is said and skipped', async () => {
  const tornado = await tests.start({ rules }, []);
  const collector = await tornado.startCollector('rsyslog');
  collector.write('no JSON\n\n[1]\n{"message":"Failed password","host":"h"}\n');
  const logged = await tornado.engine.logged('LoggerExecutor - received action');
  expect(JSON.parse(String(logged.action))).toEqual({
    type: 'syslog',
    payload: { message: 'Failed password', host: 'h' },
  });
  expect(collector.log.filter(({ msg }) => msg.startsWith('A line is lost'))).toHaveLength(2);
});

test('a message on a topic is an event of its template, or as it is, in the trace of its publisher', async () => {
  const tornado = await tests.start({ rules }, []);
  await tornado.engine.logged(/^subscribed to/);
  const collector = await tornado.startCollector('nats-json');
  await collector.logged('NatsPublisherActor - Connection to NATS made');
  const client = await connectNats({ servers: tests.nats });
  const carrier = headers();
  const traceId = '0af7651916cd43dd8448eb211c80319d';
  carrier.set('traceparent', `00-${traceId}-b7ad6b7169203331-01`);
  client.publish('vsphere', '{"cpu":3}', { headers: carrier });
  client.publish('sensors', '{"temperature":20}');
  await client.drain();
  const actions = await eventually(async () => {
    const all = tornado.engine.log.flatMap((line) => (line.action === undefined ? [] : [line.action]));
    return all.length === 2 && all;
  });
  expect(actions.map((each) => JSON.parse(each) as unknown)).toEqual(
    expect.arrayContaining([
      { type: 'vmd', payload: { metrics: { cpu: 3 } } },
      { type: 'sensors', payload: { data: { temperature: 20 } } },
    ]),
  );
  const spans = await tests.traced(traceId);
  expect(treeOf(spans)).toMatch(
    /^tornado_nats_json_collector: Collect NATS JSON Event\n {2}tornado_nats_json_collector: Send Event to NATS subject: beta/,
  );
});
