import { launch } from 'throughline-example-launch';

// Runs both services and the traffic until SIGTERM or SIGINT, against the OTLP endpoint that the environment names.
await launch('hello-tracing', async (stage) => {
  await stage.otlp();
  const LOG_FILTER = process.env['LOG_FILTER'] ?? 'debug';
  const backendPort = await stage.port('BACKEND_PORT', 8081);
  const gatewayPort = await stage.port('GATEWAY_PORT', 8080);
  stage.service('backend', { APP__API__PORT: String(backendPort), LOG_FILTER });
  await stage.listens('127.0.0.1', backendPort);
  const APP__BACKEND__ENDPOINT = process.env['APP__BACKEND__ENDPOINT'] ?? `http://127.0.0.1:${backendPort}`;
  stage.service('gateway', { APP__API__PORT: String(gatewayPort), APP__BACKEND__ENDPOINT, LOG_FILTER });
  await stage.listens('127.0.0.1', gatewayPort);
  const GATEWAY = `http://127.0.0.1:${gatewayPort}`;
  stage.say(`try curl ${GATEWAY}/hello`);
  stage.service('traffic', { GATEWAY });
});
