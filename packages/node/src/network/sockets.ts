import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { type Socket, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Connection, endpoint } from './connection.ts';

const connections = new WeakMap<Socket, Connection>();
const failures = new WeakMap<Error, Connection>();

/** The opening of `socket`, if sockets were watched when it was made. */
export const connectionOf = (socket: Socket): Connection | undefined => connections.get(socket);

/** The connection that could not be opened because of `error`. */
export const connectionFailedBy = (error: Error): Connection | undefined => failures.get(error);

/** Records how every client socket is opened, from now until the function it returns is called. */
export function watchSockets(): () => void {
  const onSocket = (message: unknown): void => watch((message as { socket: Socket }).socket);
  subscribe('net.client.socket', onSocket);
  const restore = watchTls();
  return () => {
    unsubscribe('net.client.socket', onSocket);
    restore();
  };
}

/** Before Node 24 the channel tells of plain sockets only. */
function watchTls(): () => void {
  if (Number.parseInt(process.versions.node, 10) >= 24) return () => {};
  const tls = createRequire(import.meta.url)('node:tls') as { connect: (...args: unknown[]) => TLSSocket };
  const original = tls.connect;
  tls.connect = function connect(this: unknown, ...args: unknown[]): TLSSocket {
    const socket = original.apply(this, args);
    watch(socket);
    return socket;
  };
  syncBuiltinESMExports();
  return () => {
    tls.connect = original;
    syncBuiltinESMExports();
  };
}

function watch(socket: Socket): void {
  if (connections.has(socket)) return;
  const secure = 'encrypted' in socket;
  const connection = new Connection();
  connections.set(socket, connection);
  socket.on('lookup', (error: Error | null, address: string | undefined) => {
    if (address === undefined || !isIP(address) || error) connection.addressFound(undefined, error);
    else connection.addressFound(address, null);
  });
  socket.on('connectionAttempt', (address: string, port: number) =>
    connection.attempt(endpoint(address, port) ?? address),
  );
  socket.on('connectionAttemptFailed', (_address: string, _port: number, _family: number, error: Error) =>
    connection.attemptFailed(error),
  );
  socket.on('connectionAttemptTimeout', () =>
    connection.attemptFailed(new Error('gave up on this address and tried the next')),
  );
  socket.once('connect', () => connection.connected(secure));
  if (secure) socket.once('secureConnect', () => connection.secured(tlsAttributes(socket as TLSSocket)));
  // Only watched: a socket whose errors nobody handles must go on ending the process.
  socket.prependOnceListener(errorMonitor as unknown as 'error', (error: Error) => {
    failures.set(error, connection);
    connection.failed(error);
  });
  socket.once('close', () => connection.failed(undefined));
}

function tlsAttributes(socket: TLSSocket): Record<string, string | boolean> {
  const cipher = socket.getCipher()?.name;
  const version = socket.getProtocol();
  return {
    ...(version && { 'tls.protocol.version': version.replace(/^TLSv/, '') }),
    ...(cipher && { 'tls.cipher': cipher }),
    'tls.resumed': socket.isSessionReused(),
  };
}
