import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { StartError } from '@throughline/model';
import {
  defineExtension,
  formatEndpoint,
  listenEndpoint,
  loadServerTls,
  reloadServerTls,
  serverTls,
  type Component,
  type Env,
} from '@throughline/pipeline';
import { createApi, type Api, type ApiOptions } from '@throughline/query';
import { z } from 'zod';
import { close, listen } from './listen.ts';
import { uiDirectory, UiFiles } from './ui-files.ts';

const config = z
  .strictObject({
    endpoint: listenEndpoint('127.0.0.1:16686').describe('Where the web app and the query API are served.'),
    basePath: z
      .string()
      .regex(/^(\/[\w.~%-]+)*$/, { error: 'expected nothing, or a path such as /tracing' })
      .default('')
      .describe(
        'Path under which a reverse proxy shows all of it, such as `/tracing`, whether the proxy cuts it off or not. Not needed for a proxy that cuts it off and sends X-Forwarded-Prefix.',
      ),
    exporter: z
      .string()
      .optional()
      .describe('The `throughline` exporter whose data is shown. Needed only where there are several.'),
    tls: serverTls().optional(),
  })
  .describe('Serves the web app and the query API.');

type QueryConfig = z.output<typeof config>;

/** What the extension needs of the running program. */
export type QueryServices = Pick<ApiOptions, 'store' | 'intake' | 'status' | 'allowPurge'>;

export const throughlineQuery = defineExtension({
  type: 'throughline_query',
  config,
  create: (settings, _ready, env) => new ThroughlineQuery(settings, env),
});

const streamsGraceMs = 300;

/** The web server of the all-in-one. Whoever knows the store connects it before it starts. */
export class ThroughlineQuery implements Component {
  readonly #config: QueryConfig;
  readonly #env: Env;
  #services: QueryServices | undefined;
  #api: Api | undefined;
  #server: Server | TlsServer | undefined;
  #endReloading = () => {};

  constructor(settings: QueryConfig, env: Env) {
    this.#config = settings;
    this.#env = env;
  }

  /** The exporter that the configuration names. */
  get exporter(): string | undefined {
    return this.#config.exporter;
  }

  connect(services: QueryServices): void {
    this.#services = services;
  }

  async start(): Promise<void> {
    const { endpoint, tls, basePath } = this.#config;
    if (!this.#services) throw new StartError('it is not connected to a store');
    const ui = new UiFiles(uiDirectory(), basePath);
    const { log, now } = this.#env;
    const api = createApi({ ...this.#services, basePath, ui, log, now });
    const answer = getRequestListener((request) => api.fetch(request));
    const server = tls ? createTlsServer(await loadServerTls(tls)) : createServer();
    server.on('request', (request: IncomingMessage, response) => {
      if (basePath !== '') putUnder(basePath, request);
      void answer(request, response);
    });
    this.#api = api;
    this.#server = server;
    if (tls) this.#endReloading = reloadServerTls(server as TlsServer, tls, log);
    const at = await listen(server, endpoint, 'the UI and API');
    const url = `${tls ? 'https' : 'http'}://${formatEndpoint(at)}${basePath}`;
    this.#env.listening({ what: 'UI and API', url });
  }

  async stop(): Promise<void> {
    this.#endReloading();
    this.#api?.stop();
    if (this.#server?.listening) await close(this.#server, streamsGraceMs);
  }
}

/** Gives a request back what a proxy has cut off; the proxy's own word for it would then say the same a second time. */
function putUnder(basePath: string, request: IncomingMessage): void {
  const url = request.url ?? '/';
  if (url === basePath || url.startsWith(`${basePath}/`) || url.startsWith(`${basePath}?`)) return;
  request.url = basePath + url;
  delete request.headers[forwardedPrefix];
  request.rawHeaders = request.rawHeaders.filter(
    (_, index, all) => all[index & ~1]?.toLowerCase() !== forwardedPrefix,
  );
}

const forwardedPrefix = 'x-forwarded-prefix';
