import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repository } from './build.ts';
import { eventually } from './eventually.ts';

/** A line of a process's log. */
export interface LogLine {
  level: number;
  name: string;
  msg: string;
  trace_id?: string;
  span_id?: string;
  /** The payload of an action that was logged, as JSON. */
  action?: string;
  [field: string]: unknown;
}

/** Exports at once, so that tests need not wait. */
const quick = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BLRP_SCHEDULE_DELAY: '20' };

/** A collector or the engine of examples/tornado as a process of its own, built. */
export class TornadoProcess {
  readonly log: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  /** `configFolder` has its configuration; `CONFIG__…` in the environment changes that. */
  constructor(name: string, configFolder: string, environment: Record<string, string>) {
    const file = join(repository, 'examples', 'tornado', 'dist', `${name}.js`);
    this.#child = spawn(process.execPath, [file, '--config-dir', configFolder], {
      env: { PATH: process.env['PATH'], ...quick, ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout } = this.#child;
    if (!stdout) throw new Error('the process has no standard output');
    const lines = createInterface(stdout);
    lines.on('line', (line) => this.log.push(JSON.parse(line) as LogLine));
    this.#ended = new Promise((resolve) => lines.once('close', resolve));
  }

  /** The first line whose message `message` is, or matches, once it is there. */
  logged(message: string | RegExp): Promise<LogLine> {
    const wanted = (line: LogLine): boolean =>
      typeof message === 'string' ? line.msg === message : message.test(line.msg);
    return eventually(async () => this.log.find(wanted), 15_000);
  }

  /** The port that it listens on for HTTP. */
  async port(): Promise<number> {
    return Number((await this.logged(/^listening on port/))['port']);
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends it as an operator would; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}
