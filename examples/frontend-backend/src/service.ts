import type { Telemetry } from '@throughline/node';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { settings } from './settings.ts';

/** Listens, and on SIGTERM or SIGINT answers what it has begun, exports what is waiting and exits. */
export function serve(server: Server, port: number, telemetry: Telemetry, log: Logger): void {
  server.on('error', (error) => {
    log.fatal(error.message);
    process.exitCode = 1;
    void telemetry.shutdown();
  });
  server.listen(port, settings.host, () => {
    log.info(`listening on port ${(server.address() as AddressInfo).port}`);
  });
  const stop = (): void => {
    server.close(() => void finish());
    server.closeIdleConnections();
  };
  const finish = async (): Promise<void> => {
    await telemetry.shutdown();
    log.info({ spans: telemetry.stats() }, 'stopped');
    process.exit();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
