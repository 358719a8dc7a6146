/** A client or cluster of ioredis or node-redis: each has its own way to subscribe. */
export type RedisSubscriber = IoRedis | NodeRedis;

/** `template` is the pattern that the channel matches, where the subscription is to one. */
export type Receive = (message: string | Buffer, channel: string, template?: string) => unknown;

export interface Wanted {
  names: string[];
  pattern: boolean;
  buffers: boolean;
  receive: Receive;
}

type Text = string | Buffer;
type Listener = (...args: Text[]) => void;

export interface IoRedis {
  subscribe(...channels: string[]): Promise<unknown>;
  psubscribe(...patterns: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  punsubscribe(...patterns: string[]): Promise<unknown>;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
}

type NodeRedisListener = (message: Text, channel: Text) => unknown;
type NodeRedisCommand = (names: string[], listener: NodeRedisListener, buffers?: boolean) => Promise<unknown>;

export interface NodeRedis {
  subscribe: NodeRedisCommand;
  pSubscribe: NodeRedisCommand;
  unsubscribe: NodeRedisCommand;
  pUnsubscribe: NodeRedisCommand;
}

/** Resolves, once the server has confirmed it, with how to end the subscription. */
export const connectTo = (client: RedisSubscriber, wanted: Wanted): Promise<() => Promise<void>> =>
  'pSubscribe' in client ? nodeRedis(client, wanted) : ioRedis(client, wanted);

async function nodeRedis(client: NodeRedis, wanted: Wanted): Promise<() => Promise<void>> {
  const { names, pattern, buffers, receive } = wanted;
  // One listener for each pattern: the client does not say which of them a message matched.
  const listeners = names.map((name) => {
    const listener = (message: Text, channel: Text): unknown =>
      receive(message, channel.toString(), ...(pattern ? [name] : []));
    return [name, listener] as const;
  });
  const each = async (command: NodeRedisCommand): Promise<void> => {
    await Promise.all(listeners.map(([name, listener]) => command.call(client, [name], listener, buffers)));
  };
  const stop = (): Promise<void> => each(pattern ? client.pUnsubscribe : client.unsubscribe);
  try {
    await each(pattern ? client.pSubscribe : client.subscribe);
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
  return stop;
}

/** How many subscriptions of ours each client has to each name: the server knows one of each connection. */
const subscriptions = new WeakMap<object, Map<string, number>>();

async function ioRedis(client: IoRedis, wanted: Wanted): Promise<() => Promise<void>> {
  const { names, pattern, buffers, receive } = wanted;
  const mine = new Set(names);
  const event = `${pattern ? 'pmessage' : 'message'}${buffers ? 'Buffer' : ''}`;
  const listener: Listener = (...args) => {
    const [name = '', channel = name, message = ''] = pattern ? args : [args[0], args[0], args[1]];
    if (!mine.has(name.toString())) return;
    receive(message, channel.toString(), ...(pattern ? [name.toString()] : []));
  };
  const counts = subscriptions.get(client) ?? new Map<string, number>();
  subscriptions.set(client, counts);
  const count = (by: number): string[] => {
    for (const name of mine) counts.set(key(name), (counts.get(key(name)) ?? 0) + by);
    return [...mine].filter((name) => counts.get(key(name)) === 0);
  };
  const key = (name: string): string => `${pattern ? 'p' : 'c'}${name}`;
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    client.off(event, listener);
    const last = count(-1);
    if (last.length > 0) await (pattern ? client.punsubscribe(...last) : client.unsubscribe(...last));
  };
  client.on(event, listener);
  count(1);
  try {
    await (pattern ? client.psubscribe(...names) : client.subscribe(...names));
  } catch (error) {
    client.off(event, listener);
    count(-1);
    throw error;
  }
  return stop;
}
