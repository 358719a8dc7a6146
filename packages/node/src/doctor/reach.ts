import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { type TLSSocket, type ConnectionOptions, connect as connectSecurely } from 'node:tls';

/** Where the way to an address ends, with what to do. */
export class Unreachable extends Error {
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** Goes the way to `host:port` step by step: name, connection, TLS where `tls` is given. Throws where it ends. */
export async function reach(
  host: string,
  port: number,
  timeoutMs: number,
  tls?: ConnectionOptions,
): Promise<void> {
  const name = host.replace(/^\[|\]$/g, '');
  await lookup(name).catch((error: NodeJS.ErrnoException) => {
    throw new Unreachable(
      `the name ${name} is not known (${error.code})`,
      'Check the name, and the DNS of this machine.',
    );
  });
  await opened(connect({ host: name, port }), 'connect', timeoutMs).catch((error: NodeJS.ErrnoException) => {
    throw new Unreachable(
      `no connection to ${name}:${port} (${codeOf(error)})`,
      connectAdvice(codeOf(error), `${name}:${port}`),
    );
  });
  if (!tls) return;
  const socket = connectSecurely({ host: name, port, servername: isIP(name) ? '' : name, ...tls });
  await opened(socket, 'secureConnect', timeoutMs).catch((error: NodeJS.ErrnoException) => {
    throw new Unreachable(`no TLS with ${name}:${port} (${codeOf(error)})`, tlsAdvice(codeOf(error)));
  });
}

function opened(
  socket: ReturnType<typeof connect> | TLSSocket,
  event: string,
  timeoutMs: number,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const late = Object.assign(new Error('no answer'), { code: `no answer in ${timeoutMs} ms` });
    socket.setTimeout(timeoutMs, () => reject(late));
    socket.once(event, resolve).once('error', reject);
  }).finally(() => socket.destroy());
}

/** Several addresses fail as one error, whose parts say why. */
function codeOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  return error.code ?? error.errors?.[0]?.code ?? error.message;
}

function connectAdvice(code: string, address: string): string {
  if (code === 'ECONNREFUSED') return `Nothing listens on ${address}: start it, or correct the address.`;
  return 'A firewall or a wrong address: nothing answers.';
}

function tlsAdvice(code: string): string {
  if (/SELF_SIGNED|UNABLE_TO|ISSUER/.test(code))
    return 'The certificate is of nobody who is trusted here: name its authority in OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS.';
  if (/ALTNAME/.test(code)) return 'The certificate is for another name.';
  if (/EXPIRED/.test(code)) return 'The certificate has expired, or the clock is wrong.';
  return 'Does it speak TLS at all? With http:// in place of https:// there is none.';
}
