import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce, programFile } from './build.ts';

export interface StartOptions {
  /** A whole configuration; default: the all-in-one, with free ports. */
  readonly config?: string;
  /** Default: a new folder, removed by `stop` and `remove`. */
  readonly dataDirectory?: string;
  /** Further command line options. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program's file; default: the one built here. */
  readonly program?: string;
  /** How long it may take until it is ready; default 20 s. */
  readonly readyWithinMs?: number;
}

/** The all-in-one on free ports. */
export const allInOne = `receivers:
  otlp:
    protocols:
      grpc: {endpoint: 127.0.0.1:0}
      http: {endpoint: 127.0.0.1:0}
exporters:
  throughline:
    batch: {timeout: 200ms}
extensions:
  health_check: {endpoint: 127.0.0.1:0}
  throughline_query: {endpoint: 127.0.0.1:0}
service:
  extensions: [health_check, throughline_query]
  telemetry: {metrics: {address: 127.0.0.1:0}}
  pipelines:
    traces: {receivers: [otlp], exporters: [throughline]}
    logs: {receivers: [otlp], exporters: [throughline]}
`;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

const running = new Set<Throughline>();
const killAll = () => {
  for (const each of running) each.signal('SIGKILL');
};
process.on('exit', killAll);
// A test runner that gives up on a file ends its process with a signal.
process.once('SIGTERM', () => {
  killAll();
  process.exit(143);
});

/** The built program as a child process, in a process group of its own. */
export class Throughline {
  readonly dataDirectory: string;
  /** Settles when the process has ended. */
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #removes: readonly string[];
  #whenOutput = () => {};

  /** Starts the program and waits until it is ready. Rejects with what it wrote when it ends before. */
  static async start(options: StartOptions = {}): Promise<Throughline> {
    await buildOnce();
    const program = new Throughline(options);
    try {
      await program.ready(options.readyWithinMs ?? 20_000);
      return program;
    } catch (error) {
      program.signal('SIGKILL');
      await program.exited;
      program.remove();
      throw error;
    }
  }

  /** Runs the program with these arguments alone until it ends. */
  static async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Throughline & Exit> {
    await buildOnce();
    const program = new Throughline({ env }, args);
    return Object.assign(program, await program.exited);
  }

  private constructor(options: StartOptions, bare?: readonly string[]) {
    const own = bare ? [] : [mkdtempSync(join(tmpdir(), 'throughline-'))];
    this.dataDirectory = options.dataDirectory ?? (own[0] ? join(own[0], 'data') : '');
    this.#removes = own;
    const args = bare ?? this.#arguments(options, own[0]!);
    this.#child = spawn(process.execPath, ['--single-threaded-gc', options.program ?? programFile, ...args], {
      // NODE_OPTIONS and conditions of the test runner would make it run the sources.
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(this);
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#whenOutput();
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
  }

  #arguments({ config = allInOne, args = [] }: StartOptions, folder: string): string[] {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, config);
    return ['--config', file, '--data-dir', this.dataDirectory, ...args];
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Where `what` listens, as the start line says: `OTLP/HTTP`, `OTLP/gRPC`, `UI and API`, `health`, `metrics`. */
  url(what: string): string {
    const escaped = what.replace(/[/.]/g, '\\$&');
    const [, url] = new RegExp(`(?:: |, )${escaped} (\\S+?)[,;]`).exec(this.stdout) ?? [];
    if (url === undefined) throw new Error(`${what} is not in: ${this.stdout}`);
    return url;
  }

  /** Lines of the log, parsed. */
  log(): { level: string; component: string; msg: string; [field: string]: unknown }[] {
    return this.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as ReturnType<Throughline['log']>[number]);
  }

  /** Asks it to end with SIGTERM, waits until it has, and removes its folder. */
  async stop(): Promise<Exit> {
    this.#child.kill('SIGTERM');
    const exit = await this.exited;
    this.remove();
    return exit;
  }

  /** Kills the whole process group at once, as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** To the whole process group. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Removes the folder that was made for it, if one was. */
  remove(): void {
    for (const folder of this.#removes) rmSync(folder, { recursive: true, force: true });
  }

  private ready(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`throughline ${why}\n${this.stdout}${this.stderr}`));
      const timer = setTimeout(() => fail(`is not ready after ${withinMs} ms`), withinMs);
      this.#whenOutput = () => {
        if (!/ is ready: .*\n/.test(this.stdout)) return;
        clearTimeout(timer);
        resolve();
      };
      this.exited.then(
        ({ code, signal }) => {
          clearTimeout(timer);
          fail(`ended with ${signal ?? code} before it was ready`);
        },
        (error: Error) => reject(error),
      );
    });
  }
}
