import type { Piece } from './config/piece.ts';
import { type ConnectionOptions, type NatsConnection, connect } from '@nats-io/transport-node';

/** How to reach a cluster. */
export interface NatsClient {
  /** Host and port, or URL, each. */
  servers: readonly string[];
  /** Files of PEM, where it speaks TLS. */
  tls?: { certFile: string; keyFile: string; caFile?: string };
}

/**
 * `nats.client` in the configuration: `addresses`, and `auth` with `type = "None"` or, with the paths of a certificate and its key,
 * `type = "Tls"`.
 */
export function natsClient(piece: Piece): NatsClient {
  const servers = piece
    .only('addresses', 'auth')
    .at('addresses')
    .list()
    .map((address) => address.text());
  const auth = piece.at('auth');
  if (auth.isMissing || auth.at('type').oneOf(['None', 'Tls']) === 'None') return { servers };
  auth.only('type', 'certificate_path', 'private_key_path', 'path_to_root_certificate');
  const root = auth.at('path_to_root_certificate');
  const tls = {
    certFile: auth.at('certificate_path').text(),
    keyFile: auth.at('private_key_path').text(),
    ...(!root.isMissing && { caFile: root.text() }),
  };
  return { servers, tls };
}

/**
 * A connection that is made again whenever it is lost, for ever; `seen` is told of each change. Until the first one is there the
 * promise waits.
 */
export async function connectNats(
  { servers, tls }: NatsClient,
  name: string,
  seen: (connected: boolean) => void,
): Promise<NatsConnection> {
  const options: ConnectionOptions = {
    servers: servers.map((server) => server.replace(/^nats:\/\//, '')),
    name,
    ...(tls && { tls }),
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
