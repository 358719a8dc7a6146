import { readFile } from 'node:fs/promises';
import { createSecureContext, type Server, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { StartError } from '@throughline/model';
import { z } from 'zod';
import type { Log } from '../component.ts';
import { duration } from './duration.ts';

const version = z.enum(['1.0', '1.1', '1.2', '1.3']);

const certificate = {
  certFile: z.string().min(1).optional().describe('PEM file with the certificate chain.'),
  keyFile: z.string().min(1).optional().describe('PEM file with the private key of the certificate.'),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file with the authorities that the other side is checked against. Default: those of the system.',
    ),
  minVersion: version.default('1.2').describe('Oldest TLS version spoken.'),
  maxVersion: version.default('1.3').describe('Newest TLS version spoken.'),
};

const ordered = { error: 'min_version is newer than max_version', path: ['minVersion'] };

/** TLS of a listening socket, with the Collector's keys. */
export function serverTls() {
  return z
    .strictObject({
      ...certificate,
      certFile: z.string().min(1).describe('PEM file with the certificate chain.'),
      keyFile: z.string().min(1).describe('PEM file with the private key of the certificate.'),
      clientCaFile: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file with the authorities of client certificates; when given, clients must show one.'),
      reloadInterval: duration()
        .optional()
        .describe('Read the files again this often, for connections made after that. Default: never.'),
    })
    .refine((tls) => tls.minVersion <= tls.maxVersion, ordered)
    .describe('TLS for this socket. Default: none, plain text.');
}

/** TLS towards a server, with the Collector's keys. */
export function clientTls() {
  return z
    .strictObject({
      ...certificate,
      insecure: z
        .boolean()
        .default(false)
        .describe('Speak plain text where the endpoint does not say (a URL with http:// or https:// does).'),
      insecureSkipVerify: z
        .boolean()
        .default(false)
        .describe("Do not check the server's certificate. For tests only."),
      serverNameOverride: z
        .string()
        .min(1)
        .optional()
        .describe("Name that the server's certificate must carry, instead of the endpoint's."),
    })
    .refine((tls) => tls.minVersion <= tls.maxVersion, ordered)
    .refine((tls) => (tls.certFile === undefined) === (tls.keyFile === undefined), {
      error: 'cert_file and key_file need each other',
      path: ['certFile'],
    })
    .prefault({})
    .describe('TLS towards the endpoint.');
}

export type ServerTls = z.output<ReturnType<typeof serverTls>>;
export type ClientTls = z.output<ReturnType<typeof clientTls>>;

/** Options for `tls.createServer`, `https.createServer` and `http2.createSecureServer`; StartError names a file that cannot be used. */
export async function loadServerTls(
  tls: ServerTls,
): Promise<SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean }> {
  const options = await secureContext(tls, tls.clientCaFile ?? tls.caFile);
  const asksClient = tls.clientCaFile !== undefined;
  return { ...options, requestCert: asksClient, rejectUnauthorized: asksClient };
}

/** Options for `tls.connect`, `https.request` and `http2.connect`; StartError names a file that cannot be used. */
export async function loadClientTls(
  tls: ClientTls,
): Promise<SecureContextOptions & { rejectUnauthorized: boolean; servername?: string }> {
  return {
    ...(await secureContext(tls, tls.caFile)),
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(tls.serverNameOverride === undefined ? {} : { servername: tls.serverNameOverride }),
  };
}

/** Gives `server` the files' new content every `reload_interval`; returns what ends that. Unusable files are logged and the old ones kept. */
export function reloadServerTls(server: Server, tls: ServerTls, log: Log): () => void {
  if (!tls.reloadInterval) return () => {};
  const reload = () =>
    loadServerTls(tls).then(
      (options) => server.setSecureContext(options),
      (error: Error) =>
        log.error('TLS files not reloaded, the old ones stay in use', { error: error.message }),
    );
  const timer = setInterval(() => void reload(), tls.reloadInterval).unref();
  return () => clearInterval(timer);
}

type Files = Pick<ClientTls, 'certFile' | 'keyFile' | 'minVersion' | 'maxVersion'>;

async function secureContext(tls: Files, caFile: string | undefined): Promise<SecureContextOptions> {
  const [cert, key, ca] = await Promise.all([tls.certFile, tls.keyFile, caFile].map(readPem));
  const options: SecureContextOptions = {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
    minVersion: `TLSv${tls.minVersion}` as SecureVersion,
    maxVersion: `TLSv${tls.maxVersion}` as SecureVersion,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const files = [tls.certFile, tls.keyFile, caFile].filter((file) => file !== undefined).join(', ');
    throw new StartError(`TLS files cannot be used (${files}): ${(error as Error).message}`, {
      cause: error,
    });
  }
  return options;
}

async function readPem(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new StartError(`TLS file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
