import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouseEngine } from './clickhouse-engine.ts';
import { EngineUnavailable } from './engine.ts';
import type { Engine, EngineState, NativeBlock, QueryOptions } from './engine.ts';
import { freePort } from './free-port.ts';
import { libraryFile } from './library.ts';
import { serverConfig } from './server-config.ts';

export interface EmbeddedOptions {
  readonly directory: string;
  /** Bytes of memory the engine may use. Default 2 GiB. */
  readonly maxMemoryBytes?: number;
  readonly log: {
    info(event: string, fields?: Record<string, unknown>): void;
    warn(event: string, fields?: Record<string, unknown>): void;
  };
}

const firstRestartMs = 100;
const longestRestartMs = 10_000;
const startTimeoutMs = 60_000;
/** Short enough for the program to end in time with it. A kill loses nothing. */
const stopTimeoutMs = 2_000;

/** ClickHouse in a child process of ours: started, watched, and started again when it dies. */
export class EmbeddedEngine implements Engine {
  readonly kind = 'embedded' as const;
  readonly #options: EmbeddedOptions;
  #child: ChildProcess | undefined;
  #client: ClickHouseEngine | undefined;
  #error: string | undefined;
  #restarts = 0;
  #stopping = false;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true });
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    await this.#client?.stop();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin!.end();
    const impatience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await gone;
    clearTimeout(impatience);
  }

  state(): EngineState {
    const pid = this.#child?.pid;
    const common = { restarts: this.#restarts, ...(pid !== undefined && { pid }) };
    if (this.#client) return { ...this.#client.state(), ...common };
    return this.#error === undefined
      ? { state: 'starting', ...common }
      : { state: 'down', error: this.#error, ...common };
  }

  query<Row>(sql: string, options?: QueryOptions): Promise<Row[]> {
    return this.#up().then((client) => client.query<Row>(sql, options));
  }

  queryNative(sql: string, options?: QueryOptions): Promise<Buffer> {
    return this.#up().then((client) => client.queryNative(sql, options));
  }

  command(sql: string, options?: QueryOptions): Promise<void> {
    return this.#up().then((client) => client.command(sql, options));
  }

  insert(table: string, block: NativeBlock, token: string | undefined): Promise<void> {
    return this.#up().then((client) => client.insert(table, block, token));
  }

  rest(): Promise<void> {
    return this.command('SYSTEM JEMALLOC PURGE');
  }

  /** Where another thread of this process reaches the same engine; changes with every restart. */
  endpoint(): { url: string; headers: Record<string, string> } {
    if (!this.#endpoint) throw new EngineUnavailable(this.#error ?? 'the engine is starting');
    return this.#endpoint;
  }
  #endpoint: { url: string; headers: Record<string, string> } | undefined;

  async #up(): Promise<ClickHouseEngine> {
    if (!this.#client) throw new EngineUnavailable(this.#error ?? 'the engine is starting');
    return this.#client;
  }

  async #launch(): Promise<void> {
    const { directory, maxMemoryBytes = 2 * 2 ** 30 } = this.#options;
    const key = randomBytes(24).toString('hex');
    const port = await freePort();
    const configFile = join(directory, 'engine.xml');
    await writeFile(configFile, serverConfig({ port, key, maxMemoryBytes }), { mode: 0o600 });
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        childFile(),
        libraryFile(),
        `--path=${join(directory, 'data')}`,
        `--config-file=${configFile}`,
      ],
      { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    this.#child = child;
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
    child.stdin!.on('error', () => {});
    const died = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(deathOf(code, signal, said)));
    });
    const endpoint = { url: `http://127.0.0.1:${port}/default`, headers: { 'X-Throughline-Key': key } };
    const client = new ClickHouseEngine({ ...endpoint, maxQueryMemoryBytes: Math.floor(maxMemoryBytes / 2) });
    const death = await Promise.race([answering(client), died]);
    if (death !== undefined) {
      child.kill('SIGKILL');
      await client.stop();
      this.#error = death;
      throw new EngineUnavailable(`the embedded engine did not start: ${death}`);
    }
    this.#client = client;
    this.#endpoint = endpoint;
    this.#error = undefined;
    void died.then((reason) => this.#onDeath(reason, client));
  }

  async #onDeath(reason: string, client: ClickHouseEngine): Promise<void> {
    this.#client = undefined;
    this.#endpoint = undefined;
    if (this.#stopping) return;
    this.#error = reason;
    this.#options.log.warn('the embedded engine died; it is being started again', { reason });
    await client.stop();
    this.#relaunch(firstRestartMs);
  }

  #relaunch(delayMs: number): void {
    this.#restartTimer = setTimeout(() => {
      this.#restarts++;
      this.#launch().then(
        () => this.#options.log.info('the embedded engine is up again', { restarts: this.#restarts }),
        (error: unknown) => {
          this.#options.log.warn('the embedded engine does not start', { reason: String(error) });
          if (!this.#stopping) this.#relaunch(Math.min(delayMs * 2, longestRestartMs));
        },
      );
    }, delayMs);
  }
}

async function answering(client: ClickHouseEngine): Promise<string | undefined> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      await client.start();
      return undefined;
    } catch (error) {
      if (Date.now() > deadline) return `no answer within ${startTimeoutMs / 1000} s: ${String(error)}`;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function deathOf(code: number | null, signal: string | null, said: string): string {
  const how = signal ? `killed by ${signal}` : `exit code ${code}`;
  const last = said.trim().split('\n').at(-1);
  return last ? `${how}: ${last}` : how;
}

function childFile(): string {
  return fileURLToPath(new URL(`./embedded-child${extname(import.meta.url)}`, import.meta.url));
}
