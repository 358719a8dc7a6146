/** What the environment says about both services. A number that is none stops the service at its start. */
export const settings = {
  /** Where the frontend listens, and the backend. */
  frontendPort: number('FRONTEND_PORT', 8080),
  backendPort: number('BACKEND_PORT', 8081),
  /** Where the frontend finds the backend: a URL, or host and port. */
  backend: withScheme(process.env['BACKEND'] ?? 'http://localhost:8081'),
  /** How many connections may wait to be accepted; what comes then is kept waiting by the operating system. */
  backlog: number('BACKLOG', 511),
  /** `LOCAL` listens on this machine only. */
  host: (process.env['ENV'] ?? 'LOCAL') === 'LOCAL' ? '127.0.0.1' : undefined,
  /** The frontend gives the backend up after this long. */
  backendTimeoutMs: number('BACKEND_TIMEOUT_MS', 2000),
  /** Addresses, separated by commas, that the backend's name has instead of what the resolver says. */
  backendAddresses: process.env['BACKEND_ADDRESSES']?.split(',') ?? [],
  /** PEM files: with both, the backend speaks TLS; `ca` is whom the frontend trusts. */
  tls: { cert: process.env['TLS_CERT'], key: process.env['TLS_KEY'], ca: process.env['TLS_CA'] },
  /** `ignore`: the frontend begins a new trace whatever its caller says, as the original did. */
  honourCaller: (process.env['INBOUND_CONTEXT'] ?? 'honour') !== 'ignore',
  /** `blocking`: each span is sent when it ends, and the service stands still meanwhile, as in the original. */
  blockingExport: process.env['EXPORT'] === 'blocking',
  /** How long a blocking export takes on top of what it takes: the way to a backend far away. */
  exportDelayMs: number('EXPORT_DELAY_MS', 0),
  slow: {
    dnsMs: number('SLOW_DNS_MS', 0),
    tlsMs: number('SLOW_TLS_MS', 0),
    handlerMs: number('SLOW_HANDLER_MS', 0),
    bodyMs: number('SLOW_BODY_MS', 0),
  },
};

function number(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name}=${text} is not a number`);
}

function withScheme(backend: string): URL {
  return new URL(/^https?:\/\//.test(backend) ? backend : `http://${backend}`);
}
