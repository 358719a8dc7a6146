import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { TornadoTests } from './support/tornado-tests.ts';

const tests = new TornadoTests();

test('collectors and engine meet at a broker that speaks TLS and wants certificates', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tornado-tls-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const [certFile, keyFile] = [file('cert.pem', cert), file('key.pem', key)];
  const port = await freePort();
  const tls = ['--tlsverify', `--tlscert=${certFile}`, `--tlskey=${keyFile}`, `--tlscacert=${certFile}`];
  const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), ...tls], { stdio: 'ignore' });
  const auth = {
    type: 'Tls',
    certificate_path: certFile,
    private_key_path: keyFile,
    path_to_root_certificate: certFile,
  };
  const channel = 'CONFIG__WEBHOOK_COLLECTOR__TORNADO_CONNECTION_CHANNEL__NATS__CLIENT__AUTH';
  const tornado = await tests.start({
    nats: `127.0.0.1:${port}`,
    engine: { CONFIG__TORNADO__DAEMON__NATS__CLIENT__AUTH: JSON.stringify(auth) },
    collectors: { [channel]: JSON.stringify(auth) },
  });
  try {
    await tornado.connected();
    const spans = await tests.traced(await tornado.event('secret', {}));
    expect(spans.map(({ name }) => name)).toContain('Process event');
  } finally {
    await tornado.stop();
    server.kill();
    rmSync(folder, { recursive: true });
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
