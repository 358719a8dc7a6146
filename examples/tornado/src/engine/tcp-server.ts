import { type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { AddressInfo } from 'node:net';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Intake } from './intake.ts';

/** Takes events in over TCP, each a line of JSON. Resolves with the port and how to stop. */
export async function listenTcp(
  host: string,
  port: number,
  intake: Intake,
  telemetry: Telemetry,
): Promise<{ port: number; stop: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    readLines(socket, intake).catch((error: unknown) =>
      telemetry.log('warn', `A TCP connection broke off: ${String(error)}`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

/** Reads on only when the intake takes the line. */
async function readLines(socket: Socket, intake: Intake): Promise<void> {
  for await (const line of createInterface({ input: socket })) {
    if (line.trim() !== '') await intake.fromTcp(line);
  }
}
