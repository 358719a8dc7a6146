import { eventually } from './eventually.ts';
import { type ExampleProcess, startExample } from './example-process.ts';

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

/** A collector or the engine of examples/tornado as a process of its own, built. */
export class TornadoProcess {
  readonly log: LogLine[] = [];
  readonly #process: ExampleProcess;

  /** `configFolder` has its configuration; `CONFIG__…` in the environment changes that. */
  constructor(name: string, configFolder: string, environment: Record<string, string>) {
    this.#process = startExample('tornado', name, {
      env: environment,
      args: ['--config-dir', configFolder],
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.lines.on('line', (line) => this.log.push(JSON.parse(line) as LogLine));
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
    this.#process.child.stdin?.write(text);
  }

  /** Ends it as an operator would; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#process.child.kill('SIGTERM');
    await this.#process.exited;
  }
}
