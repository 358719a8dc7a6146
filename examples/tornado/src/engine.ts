import { join, resolve } from 'node:path';
import { Engine } from './engine/engine.ts';
import { apmTracing } from './engine/apm-tracing.ts';
import { daemonSettings } from './engine/daemon-settings.ts';
import { Drafts } from './engine/drafts.ts';
import { actionRunner } from './engine/executors.ts';
import { Intake } from './engine/intake.ts';
import { subscribeNats } from './engine/nats-subscriber.ts';
import { subjectExtractors } from './engine/subject-extractors.ts';
import { listenTcp } from './engine/tcp-server.ts';
import { engineRoutes } from './engine/api/routes.ts';
import { closeHttp, serveHttp } from './http/server.ts';
import { type Service, command, configFolder, option, runService } from './service.ts';
import { Metrics } from './telemetry/metrics.ts';
import { compileTree } from './tree/compile-tree.ts';
import { readTree } from './tree/read-tree.ts';

// The rule engine. `daemon` (default) runs it; `check` says whether its rules are valid; `apm-tracing enable|disable`
// switches the export of one that runs.

const name = 'tornado_engine';
const folder = configFolder('engine');
const rules = resolve(folder, option('rules-dir') ?? 'rules.d');

const [what = 'daemon', how] = command();
if (what === 'daemon') await runService(name, 'engine', 'tornado', daemon);
else if (what === 'check') check();
else if (what === 'apm-tracing')
  await apmTracing(join(folder, 'tornado.toml'), how).catch((error: Error) => fail(error.message));
else fail(`"${what}" is none of daemon, check, apm-tracing`);

function check(): void {
  try {
    compileTree(readTree(rules));
    process.stdout.write('The configuration is correct.\n');
  } catch (error) {
    fail((error as Error).message);
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

async function daemon(service: Service): Promise<void> {
  const { telemetry, atEnd } = service;
  const settings = daemonSettings(service.config);
  const metrics = new Metrics();
  const runner = actionRunner(settings.daemon, folder, telemetry, metrics);
  const engine = new Engine(readTree(rules), runner, telemetry, metrics);
  const setMetadata = subjectExtractors(settings.daemon.at('nats_extractors'));
  const intake = new Intake({ engine, telemetry, metrics, setMetadata, atOnce: settings.queueSize });
  atEnd(async () => {
    runner.stop();
    await intake.close(1500);
  });

  const { tcp, nats, web } = settings;
  if (tcp) {
    const { port, stop } = await listenTcp(tcp.host, tcp.port, intake, telemetry);
    atEnd(stop);
    telemetry.log('info', `listening for events on TCP port ${port}`, { tcp_port: port });
  }
  if (nats) atEnd(subscribeNats(nats.client, nats.subject, intake, telemetry));
  const drafts = new Drafts(join(folder, 'drafts'));
  const routes = engineRoutes({ engine, drafts, telemetry, metrics, settings, rules });
  const { server, port } = await serveHttp({ telemetry, metrics, routes, honourCaller: true, ...web });
  atEnd(() => closeHttp(server));
  telemetry.log('info', `listening on port ${port}`, { port });
}
