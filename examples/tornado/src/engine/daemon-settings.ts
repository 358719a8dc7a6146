import type { Piece } from '../config/piece.ts';
import { type NatsClient, natsClient } from '../nats.ts';

/** `[tornado.daemon]` in `tornado.toml`. */
export interface DaemonSettings {
  /** The whole of it, for parts that have settings of their own. */
  daemon: Piece;
  /** Where events come in over TCP, and over NATS. */
  tcp: { host: string; port: number } | undefined;
  nats: { client: NatsClient; subject: string } | undefined;
  web: { host: string; port: number };
  maxBodyBytes: number;
  /** How many events are processed at a time. */
  queueSize: number;
}

const known = [
  'thread_pool_config',
  'retry_strategy',
  'event_tcp_socket_enabled',
  'event_socket_ip',
  'event_socket_port',
  'nats_enabled',
  'nats_extractors',
  'nats',
  'web_server_ip',
  'web_server_port',
  'web_max_json_payload_size',
  'message_queue_size',
  'auth',
];

export function daemonSettings(config: Piece): DaemonSettings {
  const daemon = config
    .only('logger', 'tornado')
    .at('tornado')
    .only('daemon')
    .at('daemon')
    .only(...known);
  const tcp = daemon.at('event_tcp_socket_enabled').bool(true)
    ? { host: daemon.at('event_socket_ip').text(), port: daemon.at('event_socket_port').number() }
    : undefined;
  const channel = daemon.at('nats');
  const nats = daemon.at('nats_enabled').bool(false)
    ? {
        client: natsClient(channel.only('client', 'subject').at('client')),
        subject: channel.at('subject').text(),
      }
    : undefined;
  const web = {
    host: daemon.at('web_server_ip').text('0.0.0.0'),
    port: daemon.at('web_server_port').number(4748),
  };
  const maxBodyBytes = daemon.at('web_max_json_payload_size').number(64 * 1024 ** 2);
  const queueSize = daemon.at('message_queue_size').number(10_000);
  return { daemon, tcp, nats, web, maxBodyBytes, queueSize };
}
