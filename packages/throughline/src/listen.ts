import type { AddressInfo, Server } from 'node:net';
import { StartError } from '@throughline/model';
import { formatEndpoint, type Endpoint } from '@throughline/pipeline';

/** Listens, and returns the address with its real port. StartError says that `what` cannot be served there, and why. */
export function listen(server: Server, endpoint: Endpoint, what: string): Promise<Endpoint> {
  const host = endpoint.host || '::';
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = reasons[error.code ?? ''] ?? error.message;
      reject(
        new StartError(`${what} cannot be served on ${formatEndpoint(endpoint)}: ${reason}`, {
          cause: error,
        }),
      );
    });
    server.listen({ host, port: endpoint.port }, () =>
      resolve({ host, port: (server.address() as AddressInfo).port }),
    );
  });
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is in use by another program',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the host name is not known',
};

/** Ends after what is being answered, or after `graceMs`. Resolves too when it never listened. */
export async function close(server: HttpServer, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

interface HttpServer extends Server {
  closeAllConnections(): void;
  closeIdleConnections(): void;
}
