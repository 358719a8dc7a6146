import { type Broker, NotInstalled, type StartOptions, existingOr } from './broker.ts';
import { ServerProcess, freePort, installed } from './server-process.ts';

/** The Redis at REDIS_URL, or one that is started. */
export const redis = (): Promise<Broker> => existingOr('REDIS_URL', startRedis);

/** A Redis of one's own, in memory alone. */
export async function startRedis(options: StartOptions = {}): Promise<Broker> {
  if (!installed('redis-server'))
    throw new NotInstalled(
      'Redis is missing: `apt-get install redis-server` or `brew install redis`, or set REDIS_URL to one that runs.',
    );
  const port = options.port ?? (await freePort());
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const server = await ServerProcess.start(() => ({ program: 'redis-server', args }), port);
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop() };
}
