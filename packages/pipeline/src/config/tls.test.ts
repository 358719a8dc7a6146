import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type PeerCertificate, type Server } from 'node:tls';
import { StartError } from '@throughline/model';
import { generate } from 'selfsigned';
import { afterEach, expect, test } from 'vitest';
import { clientTls, loadClientTls, loadServerTls, reloadServerTls, serverTls } from './tls.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).toReversed()) end();
});

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const renew = async (name: string) => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    });
    writeFileSync(files.keyFile, key);
    writeFileSync(files.certFile, cert);
  };
  await renew('one.example');
  const serve = async (server: Server) => {
    ends.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  return { folder, files, renew, serve };
}

/** The name in the certificate that the server shows. */
function nameOf(port: number, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...options }, () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate;
      socket.end();
      resolve(String(subject.CN));
    });
    socket.on('error', reject);
  });
}

test('a client trusts the authority and the name that its settings give', async () => {
  const { files, serve } = await setup();
  const port = await serve(
    createServer(await loadServerTls(serverTls().parse(files)), (socket) => socket.end()),
  );
  const trusting = await loadClientTls(
    clientTls().parse({ caFile: files.certFile, serverNameOverride: 'one.example' }),
  );
  expect(await nameOf(port, trusting)).toBe('one.example');
  const careless = await loadClientTls(clientTls().parse({ insecureSkipVerify: true }));
  expect(await nameOf(port, careless)).toBe('one.example');
  await expect(nameOf(port, await loadClientTls(clientTls().parse({})))).rejects.toThrow();
});

test('a server that names authorities for clients refuses those without a certificate', async () => {
  const { files, serve } = await setup();
  const options = await loadServerTls(serverTls().parse({ ...files, clientCaFile: files.certFile }));
  const server = createServer(options, (socket) => socket.end());
  const port = await serve(server);
  const seen: string[] = [];
  server.on('secureConnection', (socket) => seen.push(socket.authorized ? 'authorized' : 'stranger'));
  const known = await loadClientTls(clientTls().parse({ insecureSkipVerify: true, ...files }));
  await nameOf(port, known);
  const stranger = await loadClientTls(clientTls().parse({ insecureSkipVerify: true }));
  const refused = new Promise((resolve) => server.once('tlsClientError', resolve));
  await Promise.all([refused, nameOf(port, stranger).catch(() => {})]);
  expect(seen).toEqual(['authorized']);
});

test('renewed files are used for new connections', async () => {
  const { files, renew, serve } = await setup();
  const config = serverTls().parse({ ...files, reloadInterval: '20ms' });
  const server = createServer(await loadServerTls(config), (socket) => socket.end());
  const port = await serve(server);
  ends.push(reloadServerTls(server, config, quiet));
  const careless = { rejectUnauthorized: false };
  expect(await nameOf(port, careless)).toBe('one.example');
  await renew('two.example');
  await expect.poll(() => nameOf(port, careless)).toBe('two.example');
});

test('files that cannot be used are named in one sentence', async () => {
  const { files, folder } = await setup();
  const missing = loadServerTls(serverTls().parse({ ...files, certFile: join(folder, 'none.pem') }));
  await expect(missing).rejects.toThrow(StartError);
  await expect(missing).rejects.toThrow(`TLS file ${folder}/none.pem cannot be read: ENOENT`);
  writeFileSync(files.certFile, 'nonsense');
  await expect(loadServerTls(serverTls().parse(files))).rejects.toThrow(
    `TLS files cannot be used (${files.certFile}, ${files.keyFile}): `,
  );
});

test('certificates may stand in the settings themselves', async () => {
  const { files, serve } = await setup();
  const [certPem, keyPem] = [files.certFile, files.keyFile].map((file) => readFileSync(file, 'utf8'));
  const port = await serve(
    createServer(await loadServerTls(serverTls().parse({ certPem, keyPem })), (socket) => socket.end()),
  );
  const client = { caPem: certPem, serverNameOverride: 'one.example', includeSystemCaCertsPool: true };
  expect(await nameOf(port, await loadClientTls(clientTls().parse(client)))).toBe('one.example');
});

test('cipher suites and curves are those that the settings name', async () => {
  const { files, serve } = await setup();
  const only = {
    maxVersion: '1.2',
    cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    curvePreferences: ['P384'],
  };
  const server = createServer(await loadServerTls(serverTls().parse({ ...files, ...only })));
  const port = await serve(server);
  const told = new Promise((resolve) =>
    server.on('secureConnection', (socket) => resolve([socket.getCipher().name, socket.getProtocol()])),
  );
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  expect(await told).toEqual(['ECDHE-RSA-AES256-GCM-SHA384', 'TLSv1.2']);
  expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' });
  socket.destroy();
});
