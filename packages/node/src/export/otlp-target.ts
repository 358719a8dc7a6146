import { getBooleanFromEnv, getStringFromEnv, parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { readFileSync } from 'node:fs';
import type { Signal } from '../setup/signal.ts';
import { warn } from '../setup/warn.ts';

/** Where spans are sent, and how. */
export interface OtlpTarget {
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  /** For HTTP with the path of the signal; of gRPC's only scheme, host and port count. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** PEM; each for connections over TLS only. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** The target of spans that the standard OTEL_EXPORTER_OTLP_* variables describe; those with TRACES in them win. */
export function otlpTargetFromEnv(protocol: OtlpTarget['protocol']): OtlpTarget {
  return {
    protocol,
    url: protocol === 'grpc' ? grpcUrl() : httpUrl(),
    headers: {
      ...parseKeyPairsIntoRecord(getStringFromEnv('OTEL_EXPORTER_OTLP_HEADERS')),
      ...parseKeyPairsIntoRecord(getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS')),
    },
    timeoutMs: timeoutMs(),
    gzip: gzip(),
    tls: tlsFromEnv('TRACES'),
  };
}

/** The certificates and the key that the variables name. */
export const tlsFromEnv = (signal: Signal): OtlpTarget['tls'] => ({
  ...pem(signal, 'ca', 'CERTIFICATE'),
  ...pem(signal, 'cert', 'CLIENT_CERTIFICATE'),
  ...pem(signal, 'key', 'CLIENT_KEY'),
});

/** The variable's value and name: of the signal, else of all signals. */
function variable(name: string, signal: Signal = 'TRACES'): { name: string; value: string } | undefined {
  for (const full of [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`]) {
    const value = getStringFromEnv(full);
    if (value !== undefined) return { name: full, value };
  }
  return undefined;
}

/** The endpoint of all signals is a base, to which the path of the signal is added; the signal's own is used as it is. */
function httpUrl(): URL {
  const given = variable('ENDPOINT');
  if (!given) return new URL('http://localhost:4318/v1/traces');
  const url = parse(given, given.value) ?? new URL('http://localhost:4318/');
  if (given.name === 'OTEL_EXPORTER_OTLP_ENDPOINT')
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url;
}

/** Without a scheme, OTEL_EXPORTER_OTLP_INSECURE says whether it is TLS; with one the scheme does. */
function grpcUrl(): URL {
  const usual = 'http://localhost:4317';
  const given = variable('ENDPOINT');
  if (!given) return new URL(usual);
  const insecure =
    getBooleanFromEnv(
      getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_INSECURE') === undefined
        ? 'OTEL_EXPORTER_OTLP_INSECURE'
        : 'OTEL_EXPORTER_OTLP_TRACES_INSECURE',
    ) ?? false;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(given.value) ? '' : insecure ? 'http://' : 'https://';
  return parse(given, scheme + given.value) ?? new URL(usual);
}

function parse({ name, value }: { name: string; value: string }, text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  warn(`${name}=${value} is not a URL of http or https; spans are sent to this machine`);
  return undefined;
}

function timeoutMs(): number {
  const given = variable('TIMEOUT');
  if (!given) return 10_000;
  const value = Number(given.value);
  if (Number.isFinite(value) && value > 0) return value;
  warn(`${given.name}=${given.value} is not a number of milliseconds; 10000 is used`);
  return 10_000;
}

function gzip(): boolean {
  const given = variable('COMPRESSION');
  if (given && !['gzip', 'none'].includes(given.value))
    warn(`${given.name}=${given.value} is neither gzip nor none; nothing is compressed`);
  return given?.value === 'gzip';
}

function pem<Key extends string>(signal: Signal, key: Key, name: string): { [K in Key]?: Buffer } {
  const given = variable(name, signal);
  if (!given) return {};
  try {
    return { [key]: readFileSync(given.value) } as { [K in Key]?: Buffer };
  } catch (error) {
    warn(`${given.name}: ${(error as Error).message}`);
    return {};
  }
}
