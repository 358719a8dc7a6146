import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the variable says; else the usual port, or any other where that is taken. */
export async function portFor(variable: string, usual: number): Promise<number> {
  const given = process.env[variable];
  if (given) return Number(given);
  return (claim(usual) ? await free(usual) : undefined) ?? (await free(0)) ?? usual;
}

/** By then the service that the port is for listens on it, or has failed. */
const claimedForMs = 60_000;
const claims = new Set<string>();
process.once('exit', () => claims.forEach(release));

/** Between the answer that a port is free and a service that listens on it another example may ask the same. */
function claim(port: number): boolean {
  const folder = join(tmpdir(), `throughline-port-${port}`);
  try {
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > claimedForMs)
      release(folder);
    mkdirSync(folder);
  } catch {
    return false;
  }
  claims.add(folder);
  return true;
}

function release(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else has.
  }
}

/** Whether something listens there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function free(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
