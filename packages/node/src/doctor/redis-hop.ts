import { open } from '../messaging/redis/envelope.ts';
import { Connection } from './connection.ts';
import { type Hop, failure, hopWith } from './hop.ts';
import { type Probe, type Sent, described } from './probe.ts';
import type { Target } from './targets.ts';

/** Publishes on a channel of the probe's own what this package publishes, and looks at what comes. */
export async function throughRedis(
  target: Target,
  probe: Probe,
  sent: Sent,
  timeoutMs: number,
): Promise<Hop> {
  const connections: Connection[] = [];
  try {
    const [publisher, subscriber] = [
      await login(target, timeoutMs, connections),
      await login(target, timeoutMs, connections),
    ];
    const channel = `throughline.probe.${sent.span.spanContext().spanId}`;
    await call(subscriber, 'SUBSCRIBE', channel);
    await call(publisher, 'PUBLISH', channel, JSON.stringify({ probe: true, _otel: sent.headers }));
    const [, , message] = (await reply(subscriber)) as [string, string, string];
    const context = probe.survived(sent, open(message).carrier);
    const found = `${described(context)}, in a message that was published and received`;
    return hopWith(target, sent, { status: context.traceId ? 'ok' : 'problem', found, context });
  } catch (error) {
    const found = `no message came through (${failure(error)})`;
    const advice = 'Is it running, and may this user publish and subscribe (ACL)?';
    return hopWith(target, sent, { status: 'problem', found, advice });
  } finally {
    for (const each of connections) each.close();
  }
}

async function login(target: Target, timeoutMs: number, opened: Connection[]): Promise<Connection> {
  const url = new URL(target.address);
  const connection = await Connection.open(url, 6379, url.protocol === 'rediss:', timeoutMs);
  opened.push(connection);
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  if (password) await call(connection, 'AUTH', ...(user ? [user] : []), password);
  return connection;
}

/** RESP: an array of strings, each with its length. */
function call(connection: Connection, ...words: string[]): Promise<unknown> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  connection.write(`*${words.length}\r\n${parts.join('')}`);
  return reply(connection);
}

async function reply(connection: Connection): Promise<unknown> {
  const line = await connection.line();
  const rest = line.slice(1);
  const kind = line.charAt(0);
  switch (kind) {
    case '-':
      throw new Error(rest);
    case '$':
      return Number(rest) < 0 ? undefined : (await connection.block(Number(rest))).toString();
    case '*':
    case '>': {
      const items: unknown[] = [];
      for (let each = 0; each < Number(rest); each++) items.push(await reply(connection));
      return items;
    }
    default:
      return rest;
  }
}
