import type { Route } from '../../http/route.ts';
import type { Api } from './api.ts';

/** Whether the engine is well, and what it has done. */
export function monitoringRoutes({ metrics }: Api, channels: { nats: boolean; tcp: boolean }): Route[] {
  return [
    {
      method: 'GET',
      path: '/monitoring/ping',
      handle: () => ({ status: 200, body: { message: `pong - ${new Date().toISOString()}` } }),
    },
    {
      method: 'GET',
      path: '/monitoring/communication_channel_config',
      handle: () => ({
        status: 200,
        body: { nats_enabled: channels.nats, event_tcp_socket_enabled: channels.tcp },
      }),
    },
    {
      method: 'GET',
      path: '/monitoring/v1/metrics/prometheus',
      handle: () => ({ status: 200, body: metrics.text() }),
    },
  ];
}
