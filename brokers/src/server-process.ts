import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Runs "$@", and ends it with the signal in $0 when standard input closes: when its starter is gone in whatever way. */
const endWithInput = `exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ cat <&3 >/dev/null; kill -"$0" "$child" 2>/dev/null; } & watch=$!
exec 3<&-
wait "$child"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** What ends it; KILL for one that takes its time and whose data nobody needs. */
  readonly signal?: 'TERM' | 'KILL';
}

/** A server on a port of 127.0.0.1 with a folder of its own, for as long as this process lives and needs it. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #folder: string;
  #output = '';

  private constructor({ program, args, signal = 'TERM' }: Command, folder: string) {
    this.#folder = folder;
    // In a group of its own: Ctrl-C in a terminal is for the services, which end before their broker.
    this.#child = spawn('sh', ['-c', endWithInput, signal, program, ...args], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#exited = new Promise((resolve, reject) =>
      this.#child.once('close', () => resolve()).once('error', reject),
    );
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-4000)));
  }

  /** Starts what `command` says for a folder; resolves when `ready` does. Rejects with what it printed when it ends before. */
  static async start(
    command: (folder: string) => Command,
    port: number,
    within = 30_000,
  ): Promise<ServerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'broker-'));
    const server = new ServerProcess(command(folder), folder);
    let ended = false;
    void server.#exited.finally(() => (ended = true)).catch(() => {});
    const deadline = Date.now() + within;
    while (!(await accepts(port))) {
      if (ended || Date.now() > deadline) {
        await server.stop();
        throw new Error(`the broker ${ended ? 'ended' : 'does not listen'}:\n${server.#output}`);
      }
      await delay(20);
    }
    return server;
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited.catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}

export function installed(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, program], { stdio: 'ignore' }).status === 0;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
