import type { Telemetry } from '@throughline/node';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { settings } from './settings.ts';

export interface Service {
  server: Server;
  port: number;
  /** Answers a request. Resolves when that is done. */
  handle(this: void, request: IncomingMessage, response: ServerResponse): Promise<void>;
  telemetry: Telemetry;
  log: Logger;
}

/** Requests that take longer than this are not waited for. */
const patienceMs = 1500;

/** Listens, and on SIGTERM or SIGINT finishes what it has begun, exports what is waiting and exits. */
export function serve({ server, port, handle, telemetry, log }: Service): void {
  const underWay = new Set<Promise<void>>();
  server.on('request', (request, response) => {
    const handled = handle(request, response).catch((error: unknown) => {
      log.error(error);
      response.destroy();
    });
    underWay.add(handled);
    void handled.finally(() => underWay.delete(handled));
  });
  server.on('error', (error) => {
    log.fatal(error.message);
    process.exit(1);
  });
  server.listen({ port, host: settings.host, backlog: settings.backlog }, () => {
    log.info(`listening on port ${(server.address() as AddressInfo).port}`);
  });
  const stop = (): void => {
    server.close();
    server.closeIdleConnections();
    void finish();
  };
  const finish = async (): Promise<void> => {
    await Promise.race([Promise.all(underWay), delay(patienceMs)]);
    await telemetry.shutdown(1000);
    log.info({ spans: telemetry.stats() }, 'stopped');
    process.exit();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Of the process that started this one, where one did: it is gone.
  process.once('disconnect', stop);
}
