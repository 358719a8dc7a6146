interface Options {
  host?: unknown;
  port?: unknown;
  url?: unknown;
  socket?: { host?: unknown; port?: unknown };
}

/** The server that the options of a client of ioredis or node-redis name; nothing for a cluster, which has many. */
export function serverOf(client: object): { server?: { address: string; port?: number } } {
  const { host, port, url, socket } = (client as { options?: Options }).options ?? {};
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const address = host ?? socket?.host ?? parsed?.hostname;
  if (typeof address !== 'string' || address === '') return {};
  const known = Number(port ?? socket?.port ?? parsed?.port);
  return { server: { address, ...(known > 0 && { port: known }) } };
}
