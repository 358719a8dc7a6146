import { buildOnce } from './build.ts';
import { type ExampleProcess, startExample } from './example-process.ts';
import type { TelemetryReceiver } from './telemetry-receiver.ts';

/** A line of a service's log. */
export interface LogLine {
  timestamp: string;
  level: string;
  message: string;
  target: string;
  span?: { name: string };
  spans?: { name: string; trace_id?: string }[];
  trace_id?: string;
  span_id?: string;
  [field: string]: unknown;
}

export type Environment = Readonly<Record<string, string>>;

/** One service of examples/hello-tracing as a process of its own, built. */
export class Service {
  /** All that it wrote, line by line; each must be JSON. */
  readonly log: LogLine[] = [];
  readonly #process: ExampleProcess;
  readonly #port: Promise<number>;

  constructor(name: 'gateway' | 'backend', environment: Environment) {
    this.#process = startExample('hello-tracing', name, {
      env: { APP__API__PORT: '0', LOG_FILTER: 'debug', ...environment },
      // With the channel closed, by whatever ends the test, the service ends.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const { lines } = this.#process;
    this.#port = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const entry = JSON.parse(line) as LogLine;
        this.log.push(entry);
        if (entry.message === 'listening') resolve((entry['address'] as { port: number }).port);
      });
      lines.once('close', () => reject(new Error(`${name} ended before it listened`)));
    });
    this.#port.catch(() => {});
  }

  /** Where it listens; rejects where it has ended before. */
  get port(): Promise<number> {
    return this.#port;
  }

  /** Resolves with the exit code, or the signal that ended it. */
  get exited(): Promise<number | string | null> {
    return this.#process.exited;
  }

  /** Ends it as a power cut would. */
  kill(): void {
    this.#process.child.kill('SIGKILL');
  }

  /** Ends it as an operator would. */
  stop(): Promise<number | string | null> {
    this.#process.child.kill('SIGTERM');
    return this.#process.exited;
  }
}

export interface Answer {
  status: number;
  body: string;
}

/** Both services, the gateway calling the backend. */
export class HelloTracing {
  readonly gateway: Service;
  readonly backend: Service;
  readonly url: string;

  private constructor(gateway: Service, backend: Service, url: string) {
    this.gateway = gateway;
    this.backend = backend;
    this.url = url;
  }

  static async start(
    receiver: Pick<TelemetryReceiver, 'environment'>,
    both: Environment = {},
  ): Promise<HelloTracing> {
    await buildOnce();
    const environment = { ...receiver.environment, ...both };
    const backend = new Service('backend', environment);
    const APP__BACKEND__ENDPOINT = `http://127.0.0.1:${await backend.port}`;
    const gateway = new Service('gateway', { APP__BACKEND__ENDPOINT, ...environment });
    const port = await gateway.port.catch((error: unknown) => {
      backend.kill();
      throw error;
    });
    return new HelloTracing(gateway, backend, `http://127.0.0.1:${port}`);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, { headers });
    return { status: response.status, body: await response.text() };
  }

  /** Lines of both services. */
  get log(): LogLine[] {
    return [...this.gateway.log, ...this.backend.log];
  }

  kill(): void {
    this.gateway.kill();
    this.backend.kill();
  }

  async stop(): Promise<void> {
    await Promise.all([this.gateway.stop(), this.backend.stop()]);
  }
}
