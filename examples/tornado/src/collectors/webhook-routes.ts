import { HttpError, type Request, type Route, readBody } from '../http/route.ts';
import type { Event } from '../event.ts';
import type { Value } from '../matcher/value.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { QueueFull, type Sender } from './sender.ts';
import type { Webhook } from './webhooks.ts';

/**
 * `POST /event/<id>?token=…` for each webhook, answered with its id when the event is on its way; `GET /ping` and
 * `GET /v1/metrics/prometheus`. 401: not the token; 400: none; 413: too large; 429: too many events wait to be sent;
 * 500: the body is no JSON, or the template does not fit it.
 */
export function webhookRoutes(
  webhooks: readonly Webhook[],
  sender: Sender,
  telemetry: Telemetry,
  metrics: Metrics,
): Route[] {
  const routes = webhooks.map((webhook) => ({
    method: 'POST',
    path: `/event/${webhook.id}`,
    handle: async (request: Request) => {
      try {
        sender.send(await receive(webhook, request, telemetry, metrics));
      } catch (error) {
        metrics.count('webhooks_failed', { source: webhook.id });
        throw error instanceof QueueFull ? new HttpError(429, error.message) : error;
      }
      return { status: 200, body: webhook.id };
    },
  }));
  return [
    ...routes,
    { method: 'GET', path: '/ping', handle: () => ({ status: 200, body: 'pong' }) },
    {
      method: 'GET',
      path: '/v1/metrics/prometheus',
      handle: () => ({ status: 200, body: metrics.text() }),
    },
  ];
}

async function receive(
  { id, isToken, maxBytes, toEvent }: Webhook,
  { query, message }: Request,
  telemetry: Telemetry,
  metrics: Metrics,
): Promise<Event> {
  const token = query.get('token');
  if (token === null) throw new HttpError(400, 'there is no token');
  if (!isToken(token)) {
    telemetry.log('warn', `Endpoint [${id}] - Token is not valid`);
    throw new HttpError(401, 'the token is not valid');
  }
  const body = await readBody(message, maxBytes);
  const bytes = Buffer.byteLength(body);
  metrics.count('webhooks_received', { source: id });
  metrics.count('bytes_received', { source: id }, bytes);
  telemetry.log('info', `Received ${bytes} bytes on webhook [${id}]`, { bytes, webhook: id });
  return telemetry.span('info', 'jmspath_collector', {}, () => {
    try {
      return toEvent(JSON.parse(body) as Value);
    } catch (error) {
      throw new HttpError(500, `no event can be made of it: ${(error as Error).message}`);
    }
  });
}
