import type { Piece } from '../config/piece.ts';
import { natsClient } from '../nats.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Channel } from './channel.ts';
import { NatsChannel } from './nats-channel.ts';
import { TcpChannel } from './tcp-channel.ts';

/**
 * What `tornado_connection_channel` says: `nats.client.addresses` and `nats.subject`, or `tcp_socket_ip` and
 * `tcp_socket_port`; with `trace_context = false` events over TCP go without their context.
 */
export function openChannel(piece: Piece, telemetry: Telemetry, metrics: Metrics): Channel {
  piece.only('nats', 'tcp_socket_ip', 'tcp_socket_port', 'trace_context', 'peer_service');
  const peerService = piece.at('peer_service').text('tornado_engine');
  const nats = piece.at('nats');
  if (!nats.isMissing) {
    const client = natsClient(nats.only('client', 'subject').at('client'));
    const subject = nats.at('subject').text();
    return new NatsChannel({ client, subject, peerService, telemetry, metrics });
  }
  return new TcpChannel({
    host: piece.at('tcp_socket_ip').text(),
    port: piece.at('tcp_socket_port').number(),
    carriesContext: piece.at('trace_context').bool(true),
    peerService,
    telemetry,
  });
}
