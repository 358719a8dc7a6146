import { readFile } from 'node:fs/promises';
import {
  createSecureContext,
  rootCertificates,
  type Server,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { StartError } from '@throughline/model';
import { z } from 'zod';
import type { Log } from '../component.ts';
import { duration } from './duration.ts';
import { secret } from './secret.ts';
import { cipherSuiteNames, ciphersOf, curveNames, curvesOf } from './tls-names.ts';

const version = z.enum(['1.0', '1.1', '1.2', '1.3']);

const common = {
  certFile: z.string().min(1).optional().describe('PEM file with the certificate chain.'),
  certPem: secret().optional().describe('The certificate chain itself, as PEM.'),
  keyFile: z.string().min(1).optional().describe('PEM file with the private key of the certificate.'),
  keyPem: secret().optional().describe('The private key itself, as PEM.'),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file with the authorities that the other side is checked against. Default: those of the system.',
    ),
  caPem: secret().optional().describe('Those authorities themselves, as PEM.'),
  includeSystemCaCertsPool: z
    .boolean()
    .default(false)
    .describe('Trust the authorities that the runtime comes with besides those named here.'),
  minVersion: version.default('1.2').describe('Oldest TLS version spoken.'),
  maxVersion: version.default('1.3').describe('Newest TLS version spoken.'),
  cipherSuites: z
    .array(z.enum(cipherSuiteNames))
    .optional()
    .describe("Cipher suites for TLS 1.2 and older, by Go's names. Default: the runtime's."),
  curvePreferences: z
    .array(z.enum(curveNames))
    .optional()
    .describe("Curves for the key exchange, the best first. Default: the runtime's."),
  includeInsecureCipherSuites: z
    .literal(false, { error: 'insecure cipher suites are not supported' })
    .optional()
    .describe('Only `false`: insecure cipher suites are not supported.'),
  tpm: z
    .undefined({ error: 'trusted platform modules are not supported' })
    .optional()
    .describe('Refused: trusted platform modules are not supported.'),
};

type Common = z.output<z.ZodObject<typeof common>>;
type Issue = Readonly<{ error: string; path: string[] }>;
const each = (path: string, error: string): Issue => ({ path: [path], error });
const oneOf = (name: string): Issue => each(`${name}Pem`, `give ${name}_file or ${name}_pem, not both`);
const has = (tls: Partial<Common>, name: 'cert' | 'key' | 'ca') =>
  tls[`${name}File`] !== undefined || tls[`${name}Pem`] !== undefined;
const both = (tls: Partial<Common>, name: 'cert' | 'key' | 'ca') =>
  tls[`${name}File`] !== undefined && tls[`${name}Pem`] !== undefined;

const ordered = { error: 'min_version is newer than max_version', path: ['minVersion'] };

/** TLS of a listening socket, with the Collector's keys. */
export function serverTls() {
  return z
    .strictObject({
      ...common,
      clientCaFile: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file with the authorities of client certificates; when given, clients must show one.'),
      reloadInterval: duration()
        .optional()
        .describe('Read the files again this often, for connections made after that. Default: never.'),
      clientCaFileReload: z
        .boolean()
        .default(false)
        .describe('Read the files again every ten seconds, where `reload_interval` does not say how often.'),
    })
    .refine((tls) => tls.minVersion <= tls.maxVersion, ordered)
    .refine((tls) => has(tls, 'cert'), each('certFile', 'is required'))
    .refine((tls) => has(tls, 'key'), each('keyFile', 'is required'))
    .refine((tls) => !both(tls, 'cert'), oneOf('cert'))
    .refine((tls) => !both(tls, 'key'), oneOf('key'))
    .refine((tls) => !both(tls, 'ca'), oneOf('ca'))
    .describe('TLS for this socket. Default: none, plain text.');
}

/** TLS towards a server, with the Collector's keys. */
export function clientTls() {
  return z
    .strictObject({
      ...common,
      reloadInterval: duration()
        .optional()
        .describe('Accepted without effect: the files are read at the start.'),
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
    .refine(
      (tls) => has(tls, 'cert') === has(tls, 'key'),
      each('certFile', 'cert_file and key_file need each other'),
    )
    .refine((tls) => !both(tls, 'cert'), oneOf('cert'))
    .refine((tls) => !both(tls, 'key'), oneOf('key'))
    .refine((tls) => !both(tls, 'ca'), oneOf('ca'))
    .prefault({})
    .describe('TLS towards the endpoint.');
}

export type ServerTls = z.output<ReturnType<typeof serverTls>>;
export type ClientTls = z.output<ReturnType<typeof clientTls>>;

/** Options for `tls.createServer`, `https.createServer` and `http2.createSecureServer`; StartError names a file that cannot be used. */
export async function loadServerTls(
  tls: ServerTls,
): Promise<SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean }> {
  const authorities =
    tls.clientCaFile === undefined ? tls : { ...tls, caFile: tls.clientCaFile, caPem: undefined };
  const options = await secureContext(authorities);
  const asksClient = tls.clientCaFile !== undefined;
  return { ...options, requestCert: asksClient, rejectUnauthorized: asksClient };
}

/** Options for `tls.connect`, `https.request` and `http2.connect`; StartError names a file that cannot be used. */
export async function loadClientTls(
  tls: ClientTls,
): Promise<SecureContextOptions & { rejectUnauthorized: boolean; servername?: string }> {
  return {
    ...(await secureContext(tls)),
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(tls.serverNameOverride === undefined ? {} : { servername: tls.serverNameOverride }),
  };
}

/** Gives `server` the files' new content every `reload_interval`; returns what ends that. Unusable files are logged and the old ones kept. */
export function reloadServerTls(server: Server, tls: ServerTls, log: Log): () => void {
  const everyMs = tls.reloadInterval || (tls.clientCaFileReload ? clientCaReloadMs : 0);
  if (everyMs === 0) return () => {};
  const reload = () =>
    loadServerTls(tls).then(
      (options) => server.setSecureContext(options),
      (error: Error) =>
        log.error('TLS files not reloaded, the old ones stay in use', { error: error.message }),
    );
  const timer = setInterval(() => void reload(), everyMs).unref();
  return () => clearInterval(timer);
}

const clientCaReloadMs = 10_000;

async function secureContext(tls: Common): Promise<SecureContextOptions> {
  const cert = tls.certPem ?? (await readPem(tls.certFile));
  const key = tls.keyPem ?? (await readPem(tls.keyFile));
  const ca = tls.caPem ?? (await readPem(tls.caFile));
  const options: SecureContextOptions = {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca: tls.includeSystemCaCertsPool ? [...rootCertificates, ca] : ca }),
    ...(tls.cipherSuites?.length && { ciphers: ciphersOf(tls.cipherSuites) }),
    ...(tls.curvePreferences?.length && { ecdhCurve: curvesOf(tls.curvePreferences) }),
    minVersion: `TLSv${tls.minVersion}` as SecureVersion,
    maxVersion: `TLSv${tls.maxVersion}` as SecureVersion,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const files = [tls.certFile, tls.keyFile, tls.caFile].filter((file) => file !== undefined).join(', ');
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
