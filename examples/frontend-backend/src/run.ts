import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { launch } from 'throughline-example-launch';

// Runs both services and the traffic until SIGTERM or SIGINT, against the OTLP endpoint that the environment names.
await launch('frontend-backend', async (stage) => {
  await stage.otlp();
  const tls = await certificate(stage.folder);
  const backendPort = await stage.port('BACKEND_PORT', 8081);
  const frontendPort = await stage.port('FRONTEND_PORT', 8080);
  stage.service('backend', { ...tls, BACKEND_PORT: String(backendPort) });
  await stage.listens('localhost', backendPort);
  const BACKEND = process.env['BACKEND'] ?? `https://localhost:${backendPort}`;
  stage.service('frontend', { ...tls, BACKEND, FRONTEND_PORT: String(frontendPort) });
  await stage.listens('localhost', frontendPort);
  const FRONTEND = `http://localhost:${frontendPort}`;
  stage.say(`try ${FRONTEND}/ (and ${FRONTEND}/?slow_handler=500)`);
  stage.service('traffic', { FRONTEND });
});

/** A certificate for `localhost` that signs itself, for as long as this runs. */
async function certificate(folder: string): Promise<{ TLS_CERT: string; TLS_KEY: string; TLS_CA: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { TLS_CERT: certFile, TLS_KEY: keyFile, TLS_CA: certFile };
}
