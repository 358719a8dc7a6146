import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, nats } from 'throughline-example-launch';

// Runs a broker, the engine, all collectors and the traffic until SIGTERM or SIGINT, against the OTLP endpoint that the
// environment names. Configuration, archive and drafts are in a folder that is removed at the end.
await launch('tornado', async (stage) => {
  await stage.otlp();
  const { url } = await stage.broker(nats);
  const broker = JSON.stringify([url]);
  const config = join(stage.folder, 'config');
  cpSync(fileURLToPath(new URL('../config/', import.meta.url)), config, { recursive: true });

  const documents = await stage.port('DOCUMENT_STORE_PORT', 9200);
  stage.service('document-store', { PORT: String(documents) });
  pointRules(config, documents);

  const tcp = await stage.port('ENGINE_TCP_PORT', 4747);
  const api = await stage.port('ENGINE_API_PORT', 4748);
  const engine = {
    CONFIG__TORNADO__DAEMON__NATS__CLIENT__ADDRESSES: broker,
    CONFIG__TORNADO__DAEMON__EVENT_SOCKET_PORT: String(tcp),
    CONFIG__TORNADO__DAEMON__WEB_SERVER_PORT: String(api),
  };
  const configured = (name: string) => ({ args: ['--config-dir', join(config, name)] });
  stage.service('engine', engine, configured('engine'));
  await stage.listens('127.0.0.1', api);

  const webhooks = await stage.port('WEBHOOK_PORT', 8080);
  const channel = (section: string) => ({
    [`CONFIG__${section}__TORNADO_CONNECTION_CHANNEL__NATS__CLIENT__ADDRESSES`]: broker,
  });
  const webhook = {
    ...channel('WEBHOOK_COLLECTOR'),
    CONFIG__WEBHOOK_COLLECTOR__SERVER_PORT: String(webhooks),
  };
  stage.service('webhook-collector', webhook, configured('webhook-collector'));
  const mailSocket = join(stage.folder, 'email.sock');
  const email = { ...channel('EMAIL_COLLECTOR'), CONFIG__EMAIL_COLLECTOR__UDS_PATH: mailSocket };
  stage.service('email-collector', email, configured('email-collector'));
  const natsJson = {
    ...channel('NATS_JSON_COLLECTOR'),
    CONFIG__NATS_JSON_COLLECTOR__NATS_CLIENT__ADDRESSES: broker,
  };
  stage.service('nats-json-collector', natsJson, configured('nats-json-collector'));
  await stage.listens('127.0.0.1', webhooks);

  const WEBHOOKS = `http://127.0.0.1:${webhooks}`;
  stage.say(`webhooks at ${WEBHOOKS}, the engine's API at http://127.0.0.1:${api}`);
  stage.service('traffic', {
    WEBHOOKS,
    MAIL_SOCKET: mailSocket,
    NATS_URL: url,
    RSYSLOG_CONFIG: join(config, 'rsyslog-collector'),
    CONFIG__RSYSLOG_COLLECTOR__TORNADO_CONNECTION_CHANNEL__TCP_SOCKET_PORT: String(tcp),
  });
});

/** Sends documents to where the document store is. */
function pointRules(config: string, port: number): void {
  const rule = '020_github/pushes/rules/001_push_to_main.json';
  const file = join(config, 'engine', 'rules.d', rule);
  const usual = 'http://localhost:9200';
  writeFileSync(file, readFileSync(file, 'utf8').replace(usual, `http://127.0.0.1:${port}`));
}
