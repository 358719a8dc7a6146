import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouseEngine } from '../engine/clickhouse-engine.ts';
import { libraryFile } from '../engine/library.ts';
import { freePort } from '../engine/free-port.ts';

export interface ClickHouseServer {
  /** `http://tester:secret@127.0.0.1:<port>/throughline`; the database is there and empty. */
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Runs it again on the same data and port, after its process was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A ClickHouse server as a user would run one: with a user, a password and a database, on a port of loopback. It is the
 * same library that the embedded engine runs, spoken to as a stranger.
 */
export async function startClickHouseServer(): Promise<ClickHouseServer> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-clickhouse-'));
  const port = await freePort();
  const file = (name: string) => join(directory, name);
  await writeFile(
    file('users.xml'),
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>
      <default><no_password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
      <tester><password>secret</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></tester>
    </users></clickhouse>`,
  );
  await writeFile(
    file('config.xml'),
    `<clickhouse><listen_host>127.0.0.1</listen_host><http_port>${port}</http_port>
      <logger><level>none</level></logger><users_config>${file('users.xml')}</users_config></clickhouse>`,
  );
  const child = fileURLToPath(
    new URL(`../engine/embedded-child${extname(import.meta.url)}`, import.meta.url),
  );
  const launch = () =>
    spawn(
      process.execPath,
      [
        ...process.execArgv,
        child,
        libraryFile(),
        `--path=${file('data')}`,
        `--config-file=${file('config.xml')}`,
      ],
      { stdio: ['pipe', 'ignore', 'inherit'] },
    );
  const url = `http://tester:secret@127.0.0.1:${port}/`;
  let server = launch();
  await answers(`${url}default`);
  return {
    url: `${url}throughline`,
    get pid() {
      return server.pid!;
    },
    async restart() {
      server = launch();
      await answers(`${url}default`);
    },
    async stop() {
      const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      server.stdin!.end();
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<void> {
  const engine = new ClickHouseEngine({ url });
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      await engine.command('CREATE DATABASE IF NOT EXISTS throughline');
      break;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await engine.stop();
}
