import { type Broker, NotInstalled, type StartOptions, existingOr } from './broker.ts';
import { ServerProcess, freePort, installed } from './server-process.ts';

/** The NATS server at NATS_URL, or one that is started. */
export const nats = (): Promise<Broker> => existingOr('NATS_URL', startNats);

/** A NATS server of one's own, with JetStream. */
export async function startNats(options: StartOptions = {}): Promise<Broker> {
  if (!installed('nats-server'))
    throw new NotInstalled(
      'NATS is missing: `apt-get install nats-server` or `brew install nats-server`, or set NATS_URL to one that runs.',
    );
  const port = options.port ?? (await freePort());
  const args = (folder: string) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  const server = await ServerProcess.start(
    (folder) => ({ program: 'nats-server', args: args(folder) }),
    port,
  );
  return { url: `nats://127.0.0.1:${port}`, stop: () => server.stop() };
}
