import { buildOnce } from './build.ts';
import { type ExampleProcess, startExample } from './example-process.ts';

/** A line of a service's log. */
export interface LogLine {
  name: string;
  msg: string;
  trace_id?: string;
  span_id?: string;
  spans?: { started: number; ended: number; exported: number; dropped: number };
}

/** One service of examples/frontend-backend as a process of its own, built; `NODE` is another node to run it with. */
export class Service {
  readonly log: LogLine[] = [];
  readonly port: Promise<number>;
  readonly #process: ExampleProcess;

  constructor(name: 'frontend' | 'backend', environment: Record<string, string>) {
    this.#process = startExample('frontend-backend', name, {
      env: { FRONTEND_PORT: '0', BACKEND_PORT: '0', ...environment },
      node: environment['NODE'],
    });
    const { lines } = this.#process;
    this.port = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const entry = JSON.parse(line) as LogLine;
        this.log.push(entry);
        const [, port] = /^listening on port (\d+)$/.exec(entry.msg) ?? [];
        if (port) resolve(Number(port));
      });
      lines.once('close', () => reject(new Error(`${name} ended before it listened`)));
    });
  }

  /** Freezes the process, or lets it go on. */
  freeze(frozen: boolean): void {
    this.#process.child.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Ends it as an operator would; resolves when it has ended. */
  async stop(): Promise<void> {
    this.freeze(false);
    this.#process.child.kill('SIGTERM');
    await this.#process.exited;
  }
}

export interface Answer {
  status: number;
  body: string;
  traceId: string;
}

/** Both services, the frontend calling the backend. */
export class Example {
  readonly frontend: Service;
  readonly backend: Service;
  readonly #url: string;

  private constructor(frontend: Service, backend: Service, url: string) {
    this.frontend = frontend;
    this.backend = backend;
    this.#url = url;
  }

  /** `both` is the environment of both; `scheme` that of the backend's address. */
  static async start(
    both: Record<string, string>,
    own: { frontend?: Record<string, string>; backend?: Record<string, string>; scheme?: string } = {},
  ): Promise<Example> {
    await buildOnce();
    const backend = new Service('backend', { ...both, ...own.backend });
    const BACKEND = `${own.scheme ?? 'http'}://localhost:${await backend.port}`;
    const frontend = new Service('frontend', { ...both, BACKEND, ...own.frontend });
    return new Example(frontend, backend, `http://127.0.0.1:${await frontend.port}`);
  }

  async get(path = '/', headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#url + path, { headers });
    const traceId = response.headers.get('trace-id') ?? '';
    return { status: response.status, body: await response.text(), traceId };
  }

  async stop(): Promise<void> {
    await Promise.all([this.frontend.stop(), this.backend.stop()]);
  }
}
