import { createInterface } from 'node:readline';
import { openChannel } from './collectors/open-channel.ts';
import { Sender } from './collectors/sender.ts';
import { Piece } from './config/piece.ts';
import { newEvent } from './event.ts';
import type { Values } from './matcher/value.ts';
import { runService } from './service.ts';
import { Metrics } from './telemetry/metrics.ts';

// Takes log entries in on standard input, an object of JSON on each line, as rsyslog's omprog writes them.

const name = 'tornado_rsyslog_collector';

await runService(name, 'rsyslog-collector', 'rsyslog_collector', (service) => {
  const { telemetry, atEnd } = service;
  const config = service.config.only('logger', 'rsyslog_collector').at('rsyslog_collector');
  config.only('message_queue_size', 'tornado_connection_channel');
  const metrics = new Metrics();
  const channel = openChannel(config.at('tornado_connection_channel'), telemetry, metrics);
  const queueSize = config.at('message_queue_size').number(10_000);
  const sender = new Sender({ telemetry, metrics, channel, queueSize });
  atEnd(() => sender.close());

  const receive = (line: string): void =>
    telemetry.span('debug', 'Collect rsyslog Event', {}, () => {
      const payload = new Piece(JSON.parse(line), 'line').object() as Values;
      sender.send(newEvent('syslog', payload));
    });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    try {
      if (line.trim() !== '') receive(line);
    } catch (error) {
      telemetry.log('error', `A line is lost: ${String(error)}`);
    }
  });
  lines.once('close', () => process.kill(process.pid, 'SIGTERM'));
  telemetry.log('info', 'reads standard input');
});
