import { connect, createServer } from 'node:net';

/** What the variable says; else the usual port, or any other where that is taken. */
export async function portFor(variable: string, usual: number): Promise<number> {
  const given = process.env[variable];
  if (given) return Number(given);
  return (await free(usual)) ?? (await free(0)) ?? usual;
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
