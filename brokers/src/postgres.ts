import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, NotInstalled, type StartOptions, existingOr } from './broker.ts';
import { ServerProcess, freePort } from './server-process.ts';

/** Where Debian keeps the versions. */
const versions = '/usr/lib/postgresql';

/** The PostgreSQL at POSTGRES_URL, or one that is started: a database, not a broker, but needed in the same way. */
export const postgres = (): Promise<Broker> => existingOr('POSTGRES_URL', startPostgres);

const script = `initdb -D data -U postgres -A trust -N --no-instructions >/dev/null &&
exec postgres -D data -p "$0" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;

/** A PostgreSQL of one's own with the databases of a new one. Stops when the last client has gone. */
export async function startPostgres(options: StartOptions = {}): Promise<Broker> {
  const version = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined;
  if (version === undefined)
    throw new NotInstalled(
      'PostgreSQL is missing: `apt-get install postgresql`, or set POSTGRES_URL to one that runs.',
    );
  const port = options.port ?? (await freePort());
  const path = `PATH=${join(versions, version, 'bin')}:${process.env['PATH']}`;
  const args = [path, 'sh', '-c', script, String(port)];
  const server = await ServerProcess.start((folder) => unprivileged(folder, ['env', ...args]), port);
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
}

/** It refuses to run as root: the user of Debian's package does it then. */
function unprivileged(
  folder: string,
  [program = '', ...args]: string[],
): { program: string; args: string[] } {
  if (process.getuid?.() !== 0) return { program, args };
  const [uid = 0, gid = 0] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'])));
  chownSync(folder, uid, gid);
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return { program: 'setpriv', args: [...user, program, ...args] };
}
