import { rmSync } from 'node:fs';
import { type Socket, createServer } from 'node:net';
import { resolve } from 'node:path';
import { openChannel } from './collectors/open-channel.ts';
import { mailEvent } from './collectors/mail-event.ts';
import { Sender } from './collectors/sender.ts';
import { runService } from './service.ts';
import { Metrics } from './telemetry/metrics.ts';

// Takes e-mails in over a Unix socket, a whole MIME message over each connection, as procmail and others pipe them.

const name = 'tornado_email_collector';

await runService(name, 'email-collector', 'email_collector', async (service) => {
  const { telemetry, atEnd } = service;
  const config = service.config.only('logger', 'email_collector').at('email_collector');
  config.only('message_queue_size', 'uds_path', 'tornado_connection_channel');
  const metrics = new Metrics();
  const channel = openChannel(config.at('tornado_connection_channel'), telemetry, metrics);
  const queueSize = config.at('message_queue_size').number(10_000);
  const sender = new Sender({ telemetry, metrics, channel, queueSize });
  atEnd(() => sender.close());

  const receive = async (socket: Socket): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    await telemetry.span('debug', 'Collect email Event', {}, async () => {
      const message = Buffer.concat(chunks);
      telemetry.log('info', `Received an e-mail of ${message.length} bytes`);
      sender.send(await mailEvent(message));
    });
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    receive(socket)
      .catch((error: unknown) => telemetry.log('error', `An e-mail is lost: ${String(error)}`))
      .finally(() => socket.end());
  });
  const path = resolve(config.at('uds_path').text());
  // Of a process that was killed.
  rmSync(path, { force: true });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(path, done));
  atEnd(() => void server.close());
  telemetry.log('info', `listening on ${path}`);
});
