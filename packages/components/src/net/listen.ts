import type { AddressInfo, Server } from 'node:net';
import { StartError } from '@throughline/model';
import { type Endpoint, formatEndpoint } from '@throughline/pipeline';

/** `tcp4` and `tcp6` take part of what a host name may mean. */
export type Transport = 'tcp' | 'tcp4' | 'tcp6';

/**
 * Listens, and returns the address as it is then (a port of 0 has become a real one). Throws StartError with a sentence
 * that names the address and `what` wants it.
 */
export async function listen(
  server: Server,
  endpoint: Endpoint,
  what: string,
  transport: Transport = 'tcp',
): Promise<Endpoint> {
  const host = endpoint.host || (transport === 'tcp4' ? '0.0.0.0' : '::');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: endpoint.port, ipv6Only: transport === 'tcp6', backlog: 1024 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    throw new StartError(`${what} cannot listen on ${formatEndpoint(endpoint)}: ${reason}`, { cause: error });
  }
  return { host: endpoint.host || host, port: (server.address() as AddressInfo).port };
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is in use by another program',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the host name is not known',
};
