import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, type LookupFunction, type Server, type Socket, createServer } from 'node:net';
import { generate } from 'selfsigned';

/** A server on a free port of 127.0.0.1, and how to end it at once. */
export interface Running {
  port: number;
  close(): void;
}

/** Keeps connections until it is closed. */
export const httpServer = (listener: RequestListener): Promise<Running> =>
  listen(createHttpServer({ keepAliveTimeout: 0 }, listener));

export const tcpServer = (listener: (socket: Socket) => void): Promise<Running> =>
  listen(createServer(listener));

/** With a certificate for `localhost` that signs itself, which is `ca`. */
export async function httpsServer(listener: RequestListener): Promise<Running & { ca: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { ...(await listen(createHttpsServer({ cert, key }, listener))), ca: cert };
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await tcpServer(() => {});
  server.close();
  return server.port;
}

/** Resolves every name to `addresses`. */
export function lookupOf(...addresses: string[]): LookupFunction {
  return (_name, options, done) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setTimeout(() => {
      if (options.all) done(null, all);
      else done(null, all[0]?.address ?? '', all[0]?.family ?? 4);
    }, 5);
  };
}

async function listen(server: Server): Promise<Running> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
