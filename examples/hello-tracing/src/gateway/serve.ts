import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { z } from 'zod';
import type { Config, backend as backendSchema } from '../service/config.ts';
import { chain } from '../service/errors.ts';
import type { Log } from '../service/log.ts';
import type { Running } from '../service/run-service.ts';
import { inSpan, within } from '../service/spans.ts';
import { failed } from './failures.ts';
import { helloBackend } from './hello-backend.ts';
import { UnknownVersion, versionedPath } from './version.ts';

/** `GET /` is for probes, `GET /v0/hello` and `GET /hello` ask the backend. */
export async function serveGateway(
  { api, backend: { endpoint, timeout_ms } }: Config & { backend: z.infer<typeof backendSchema> },
  log: Log,
): Promise<Running> {
  const backend = helloBackend(endpoint, timeout_ms);

  async function hello(): Promise<string> {
    const text = await backend.hello();
    log.debug({ text, endpoint }, 'received response from Hello');
    return text;
  }

  async function handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    try {
      if (versionedPath(path, header(request, 'x-api-version')) !== '/v0/hello') answer(response, 404);
      else answer(response, 200, await inSpan('hello-handler', hello));
    } catch (error) {
      if (error instanceof UnknownVersion) return answer(response, 404, error.message);
      failed(response, chain(error));
      log.error({ error: chain(error) }, 'internal error');
      answer(response, 500);
    }
  }

  const server = createServer((request, response) => {
    // Whatever was asked for: `//` is a path, though no URL.
    const [path = '/'] = (request.url ?? '/').split('?');
    if (request.method !== 'GET') answer(response, 405);
    else if (path === '/') answer(response, 200);
    else void within({ name: 'incoming request', path }, () => handle(request, response, path));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(api.port, api.address, resolve);
  });
  log.info({ address: server.address() }, 'listening');
  return {
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      backend.close();
    },
  };
}

function answer(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

const header = (request: IncomingMessage, name: string): string | undefined =>
  [request.headers[name]].flat()[0];
