import { createServer } from 'node:net';

let next = 20_000 + (process.pid % 10_000);

/**
 * A port of 127.0.0.1 that nothing listens on, for something that is started later, or again. It is none of those that
 * the system gives to whoever asks for any, so that nobody else gets it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++;
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
