import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type Component,
  defineExtension,
  type Env,
  formatDuration,
  formatEndpoint,
  listenEndpoint,
  loadServerTls,
  serverTls,
} from '@throughline/pipeline';
import { z } from 'zod';
import { listen } from '../net/listen.ts';
import { responseHeaders } from '../response-headers.ts';
import { unsupported, withoutEffect } from '../unsupported.ts';

const config = z
  .strictObject({
    endpoint: listenEndpoint('127.0.0.1:13133').describe('Where the state is asked for.'),
    transport: z
      .enum(['tcp', 'tcp4', 'tcp6'])
      .default('tcp')
      .describe('`tcp4` or `tcp6`: that version of IP only.'),
    tls: serverTls().optional(),
    path: z
      .string()
      .startsWith('/')
      .default('/')
      .describe('The path that answers; `/` stands for every path.'),
    responseBody: z
      .strictObject({
        healthy: z.string().default('').describe('Body when everything is up.'),
        unhealthy: z.string().default('').describe('Body when something is not.'),
      })
      .optional()
      .describe('Fixed bodies instead of the JSON with status, upSince and uptime.'),
    responseHeaders: responseHeaders(),
    checkCollectorPipeline: withoutEffect(
      z.looseObject({}),
      'the Collector advises against it, as it does not work',
    ),
    includeMetadata: withoutEffect(z.boolean(), 'nobody looks at the headers of a request'),
    auth: unsupported('authenticators'),
  })
  .describe('Answers whether everything is up: 200 or 503.');

type HealthCheckConfig = z.output<typeof config>;

/** Answers whether everything is up: 200 or 503, with the Collector's JSON (contrib, healthcheckextension). */
export const healthCheck = defineExtension({
  type: 'health_check',
  config,
  create: (settings, ready, env) => new HealthCheck(settings, ready, env),
});

class HealthCheck implements Component {
  readonly #config: HealthCheckConfig;
  readonly #ready: () => boolean;
  readonly #env: Env;
  #server: Server | undefined;
  #startedAt = 0;

  constructor(settings: HealthCheckConfig, ready: () => boolean, env: Env) {
    this.#config = settings;
    this.#ready = ready;
    this.#env = env;
  }

  async start(): Promise<void> {
    const { tls, endpoint, transport } = this.#config;
    this.#startedAt = this.#env.now();
    const server = tls ? createTlsServer(await loadServerTls(tls), this.#answer) : createServer(this.#answer);
    this.#server = server;
    const at = await listen(server, endpoint, `extension ${this.#env.id}`, transport);
    this.#env.listening({ what: 'health', url: `${tls ? 'https' : 'http'}://${formatEndpoint(at)}` });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  #answer: RequestListener = (request, response) => {
    const { path, responseBody, responseHeaders } = this.#config;
    if (path !== '/' && request.url?.split('?')[0] !== path) return void response.writeHead(404).end();
    const up = this.#ready();
    const body = responseBody ? responseBody[up ? 'healthy' : 'unhealthy'] : JSON.stringify(this.#state(up));
    const type = responseBody ? 'text/plain; charset=utf-8' : 'application/json';
    response.writeHead(up ? 200 : 503, { ...responseHeaders, 'Content-Type': type }).end(body);
  };

  #state(up: boolean) {
    if (!up) return { status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '' };
    return {
      status: 'Server available',
      upSince: new Date(this.#startedAt).toISOString(),
      uptime: formatDuration(1000 * Math.floor((this.#env.now() - this.#startedAt) / 1000)),
    };
  }
}
