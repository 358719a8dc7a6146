import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Api } from '../create-api.ts';

export interface ServedApi {
  /** `http://127.0.0.1:16686`. */
  readonly url: string;
  /** Ends streams and idle connections at once, lets running requests finish. */
  close(): Promise<void>;
}

/** Serves the API over HTTP. Rejects when the address cannot be listened on (EADDRINUSE and the like). */
export async function serveApi(api: Api, address: { host: string; port: number }): Promise<ServedApi> {
  const server = createAdaptorServer({ fetch: (request) => api.fetch(request) }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => resolve());
  });
  const { address: host, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        api.stop();
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
