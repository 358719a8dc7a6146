import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce, repository } from './build.ts';
import { eventually } from './eventually.ts';
import { type SeenSpan, treeOf } from './telemetry-receiver.ts';
import { type StartOptions, Throughline } from './throughline.ts';

const example = join(repository, 'examples', 'pubsub');

/** A line of a service's log. */
export interface LogLine {
  name: string;
  msg: string;
  trace_id?: string;
  spans?: Stats;
}

export interface Stats {
  started: number;
  ended: number;
  exported: number;
  dropped: number;
  pending: number;
}

/** Pauses are short and spans exported at once, so that tests need not wait. */
const quick = { PAUSE_MS: '100', OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BLRP_SCHEDULE_DELAY: '20' };

type Name = 'client' | 'server' | 'worker' | 'run';
type Environment = Readonly<Record<string, string>>;

/** One process of examples/pubsub, built. */
export class Process {
  stdout = '';
  stderr = '';
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #child: ChildProcess;

  static async start(name: Name, env: Environment): Promise<Process> {
    await buildOnce();
    return new Process(name, env);
  }

  private constructor(name: Name, env: Environment) {
    this.#child = spawn(process.execPath, [join(example, 'dist', `${name}.js`)], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], SERVER_PORT: '0', ...quick, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => resolve({ code, signal })),
    );
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  log(): LogLine[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Resolves with the line whose message is as `pattern` says, once it is written. */
  said(pattern: RegExp): Promise<LogLine> {
    return eventually(async () => {
      const line = this.log().find(({ msg }) => pattern.test(msg));
      if (!line && !this.running) throw new Error(`it has ended: ${this.stdout}${this.stderr}`);
      return line;
    }, 20_000);
  }

  /** Of the server: where it answers. */
  async url(path = '/hello'): Promise<string> {
    const { msg } = await this.said(/^listening on port/);
    return `http://127.0.0.1:${/\d+$/.exec(msg)?.[0]}${path}`;
  }

  /** Ends it as an operator would, if it runs, and resolves with what became of its spans. */
  async stop(): Promise<Stats | undefined> {
    this.#child.kill('SIGTERM');
    await this.exited;
    return this.log().find(({ spans }) => spans)?.spans;
  }

  /** Of `run`: kills the process below it whose command line ends in or contains `what`, as `pkill -9 -f` does. */
  killPart(what: string): void {
    const parts = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(this.#child.pid)], {
      encoding: 'utf8',
    });
    const line = parts.split('\n').find((each) => each.includes(what));
    if (!line) throw new Error(`${what} is none of:\n${parts}`);
    process.kill(Number.parseInt(line, 10), 'SIGKILL');
  }
}

/** A file of the example. */
export const configOf = (role: 'agent' | 'collector' | 'backend'): string =>
  readFileSync(join(example, `${role}.yaml`), 'utf8');

/** The agent or collector on free ports, as the file of the example says. */
export const startRole = (
  role: 'agent' | 'collector',
  env: Environment,
  options: StartOptions = {},
): Promise<Throughline> => {
  const free = { AGENT_PORT: '0', COLLECTOR_PORT: '0' };
  return Throughline.start({ config: configOf(role), env: { ...free, ...env }, ...options });
};

/** Asks for /hello; resolves with the trace that this began or went on with. */
export async function hello(
  url: string,
  headers: Environment = {},
): Promise<{ status: number; traceId: string }> {
  const response = await fetch(url, { headers });
  await response.text();
  return { status: response.status, traceId: response.headers.get('trace-id') ?? '' };
}

/** Siblings by name, because the clocks of two processes may differ by a millisecond. */
export const treeByName = (spans: readonly SeenSpan[]): string =>
  treeOf(spans.toSorted((a, b) => (a.name < b.name ? -1 : 1)));

/** What a request that nobody else has traced looks like. */
export const serverTree = `server: /hello
  server: handle request
    server: broker publish
      server: redis.with_conn
        server: redis.with_reader
        server: redis.with_writer
      worker: work
`;

/** What one of the client's looks like. */
export const requestTree = `client: make request
  client: GET
${serverTree.replaceAll(/^/gm, '    ').trimEnd()}
`;
