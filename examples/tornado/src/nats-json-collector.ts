import type { Msg } from '@nats-io/transport-node';
import { extract } from '@throughline/node';
import { join } from 'node:path';
import { openChannel } from './collectors/open-channel.ts';
import { Sender } from './collectors/sender.ts';
import { readTopics } from './collectors/topics.ts';
import type { Value } from './matcher/value.ts';
import { connectNats, natsClient } from './nats.ts';
import { runService } from './service.ts';
import { Metrics } from './telemetry/metrics.ts';

// Takes JSON in from any NATS subject, as other systems publish it.

const name = 'tornado_nats_json_collector';

await runService(name, 'nats-json-collector', 'nats_json_collector', async (service) => {
  const { folder, telemetry, atEnd } = service;
  const config = service.config.only('logger', 'nats_json_collector').at('nats_json_collector');
  config.only('message_queue_size', 'nats_client', 'tornado_connection_channel');
  const topics = readTopics(join(folder, 'topics'));
  const metrics = new Metrics();
  const channel = openChannel(config.at('tornado_connection_channel'), telemetry, metrics);
  const queueSize = config.at('message_queue_size').number(10_000);
  const sender = new Sender({ telemetry, metrics, channel, queueSize });
  atEnd(() => sender.close());

  const receive = (message: Msg, toEvent: (received: Value) => Parameters<Sender['send']>[0]): void =>
    // Whoever publishes may have put a context into the message's headers.
    telemetry.span('debug', 'Collect NATS JSON Event', { parent: extract(message.headers) }, () => {
      sender.send(toEvent(message.json<Value>()));
    });
  const client = natsClient(config.at('nats_client'));
  const connection = await connectNats(client, name, (connected) =>
    telemetry.log(connected ? 'info' : 'error', `Connection to NATS ${connected ? 'made' : 'lost'}`),
  );
  atEnd(() => connection.close());
  for (const [topic, toEvent] of topics) {
    connection.subscribe(topic, {
      callback: (_, message) => {
        try {
          receive(message, toEvent);
        } catch (error) {
          telemetry.log('error', `A message on ${topic} is lost: ${String(error)}`);
        }
      },
    });
  }
  telemetry.log('info', `listening on ${[...topics.keys()].join(', ')}`);
});
