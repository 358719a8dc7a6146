import { type ConnectionOptions, type NatsConnection, connect } from '@nats-io/transport-node';

/**
 * A connection that is made again whenever it is lost, for ever; `seen` is told of each change. Until the first one is there the
 * promise waits.
 */
export async function connectNats(
  servers: readonly string[],
  name: string,
  seen: (connected: boolean) => void,
): Promise<NatsConnection> {
  const options: ConnectionOptions = {
    servers: servers.map((server) => server.replace(/^nats:\/\//, '')),
    name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 1000,
    pingInterval: 5000,
  };
  const connection = await connect(options);
  seen(true);
  void watch(connection, seen);
  return connection;
}

async function watch(connection: NatsConnection, seen: (connected: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') seen(false);
    if (type === 'reconnect') seen(true);
  }
}
