import { join } from 'node:path';
import { openChannel } from './collectors/open-channel.ts';
import { Sender } from './collectors/sender.ts';
import { webhookRoutes } from './collectors/webhook-routes.ts';
import { readWebhooks } from './collectors/webhooks.ts';
import { closeHttp, serveHttp } from './http/server.ts';
import { runService } from './service.ts';
import { Metrics } from './telemetry/metrics.ts';

// Takes events in over HTTP, as GitHub and others post them.

const name = 'tornado_webhook_collector';

await runService(name, 'webhook-collector', 'webhook_collector', async (service) => {
  const { folder, telemetry, atEnd } = service;
  const config = service.config.only('logger', 'webhook_collector').at('webhook_collector');
  const known = ['message_queue_size', 'server_bind_address', 'server_port'];
  config.only(...known, 'inbound_trace_context', 'tornado_connection_channel');
  const webhooks = readWebhooks(join(folder, 'webhooks'));
  const metrics = new Metrics();
  const channel = openChannel(config.at('tornado_connection_channel'), telemetry, metrics);
  const queueSize = config.at('message_queue_size').number(10_000);
  const sender = new Sender({ telemetry, metrics, channel, queueSize });
  atEnd(() => sender.close());
  const { server, port } = await serveHttp({
    telemetry,
    metrics,
    routes: webhookRoutes(webhooks, sender, telemetry, metrics),
    host: config.at('server_bind_address').text('0.0.0.0'),
    port: config.at('server_port').number(8080),
    honourCaller: config.at('inbound_trace_context').bool(true),
  });
  atEnd(() => closeHttp(server));
  telemetry.log('info', `listening on port ${port}`, { port });
});
