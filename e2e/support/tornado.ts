import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilterConfig } from '../../examples/tornado/src/tree/tree-config.ts';
import { writeTree } from '../../examples/tornado/src/tree/write-tree.ts';
import { buildOnce, repository } from './build.ts';
import { TornadoProcess } from './tornado-process.ts';
import { manyRules } from './tornado-rules.ts';

export interface TornadoOptions {
  /** Of a NATS server. */
  nats: string;
  /** Where the processes send their telemetry. */
  environment: Record<string, string>;
  /** Default: `manyRules`; `sample` are those of the example. */
  rules?: FilterConfig | 'sample';
  /** Further environments of the engine, and of all collectors. */
  engine?: Record<string, string>;
  collectors?: Record<string, string>;
}

export type Collector = 'webhook' | 'email' | 'rsyslog' | 'nats-json';

const sections: Record<Collector, string> = {
  webhook: 'WEBHOOK_COLLECTOR',
  email: 'EMAIL_COLLECTOR',
  rsyslog: 'RSYSLOG_COLLECTOR',
  'nats-json': 'NATS_JSON_COLLECTOR',
};

/** Fails `$2` times for each ticket `$1`. */
const failUntil = `#!/bin/sh
echo x >> "$1"
[ "$(wc -l < "$1")" -gt "$2" ] || { echo "not yet" >&2; exit 1; }
`;

const backoff = {
  retry_policy: { type: 'MaxRetries', retries: 5 },
  backoff_policy: { type: 'Exponential', ms: 100, multiplier: 2 },
};

/** The engine, and the collectors that a test asks for, on a broker; on free ports, with a configuration of their own. */
export class Tornado {
  readonly folder: string;
  readonly #options: TornadoOptions;
  readonly #processes: TornadoProcess[] = [];
  #engine: TornadoProcess | undefined;
  #webhook: TornadoProcess | undefined;

  private constructor(options: TornadoOptions) {
    this.#options = options;
    this.folder = mkdtempSync(join(tmpdir(), 'tornado-test-'));
  }

  /** Starts the engine and, unless `collectors` is empty, the webhook collector. */
  static async start(
    options: TornadoOptions,
    collectors: readonly Collector[] = ['webhook'],
  ): Promise<Tornado> {
    await buildOnce();
    const tornado = new Tornado(options);
    const engine = join(tornado.folder, 'engine');
    cpSync(join(repository, 'examples', 'tornado', 'config'), tornado.folder, { recursive: true });
    const { rules = manyRules } = options;
    if (rules !== 'sample') writeTree(join(engine, 'rules.d'), rules);
    writeFileSync(join(engine, 'fail-until.sh'), failUntil);
    chmodSync(join(engine, 'fail-until.sh'), 0o755);
    await tornado.startEngine();
    for (const collector of collectors) await tornado.startCollector(collector);
    return tornado;
  }

  get engine(): TornadoProcess {
    if (!this.#engine) throw new Error('there is no engine');
    return this.#engine;
  }

  get webhook(): TornadoProcess {
    if (!this.#webhook) throw new Error('there is no webhook collector');
    return this.#webhook;
  }

  async startEngine(environment: Record<string, string> = {}): Promise<TornadoProcess> {
    this.#engine = this.#run('engine', 'engine', {
      CONFIG__TORNADO__DAEMON__NATS__CLIENT__ADDRESSES: JSON.stringify([this.#options.nats]),
      CONFIG__TORNADO__DAEMON__EVENT_SOCKET_PORT: '0',
      CONFIG__TORNADO__DAEMON__WEB_SERVER_PORT: '0',
      CONFIG__TORNADO__DAEMON__RETRY_STRATEGY: JSON.stringify(backoff),
      ...this.#options.engine,
      ...environment,
    });
    await this.#engine.port();
    return this.#engine;
  }

  /** Resolves when events can be sent; `environment` says more than the options do. */
  async startCollector(
    collector: Collector,
    environment: Record<string, string> = {},
  ): Promise<TornadoProcess> {
    const section = `CONFIG__${sections[collector]}`;
    const overTcp = collector === 'rsyslog';
    const process = this.#run(`${collector}-collector`, `${collector}-collector`, {
      ...(collector === 'webhook' && { [`${section}__SERVER_PORT`]: '0' }),
      ...(collector === 'email' && { [`${section}__UDS_PATH`]: join(this.folder, 'email.sock') }),
      ...(collector === 'nats-json' && {
        [`${section}__NATS_CLIENT__ADDRESSES`]: JSON.stringify([this.#options.nats]),
      }),
      ...(overTcp
        ? { [`${section}__TORNADO_CONNECTION_CHANNEL__TCP_SOCKET_PORT`]: String(await this.tcpPort()) }
        : {
            [`${section}__TORNADO_CONNECTION_CHANNEL__NATS__CLIENT__ADDRESSES`]: JSON.stringify([
              this.#options.nats,
            ]),
          }),
      ...this.#options.collectors,
      ...environment,
    });
    if (collector === 'webhook') this.#webhook = process;
    await process.logged(/^(listening on|reads standard input)/);
    return process;
  }

  /** Resolves when the engine and the webhook collector have found the broker. */
  async connected(): Promise<this> {
    await this.engine.logged(/^subscribed to/);
    await this.webhook.logged('NatsPublisherActor - Connection to NATS made');
    return this;
  }

  async tcpPort(): Promise<number> {
    return Number((await this.engine.logged(/^listening for events on TCP port/))['tcp_port']);
  }

  /** Posts to a webhook of the sample configuration. */
  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string; traceId: string }> {
    const response = await fetch(`http://127.0.0.1:${await this.webhook.port()}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const traceId = response.headers.get('trace-id') ?? '';
    return { status: response.status, text: await response.text(), traceId };
  }

  /** Has an event made of type and payload by a webhook; returns its trace id. */
  async event(type: string, payload: object, headers?: Record<string, string>): Promise<string> {
    const { status, text, traceId } = await this.post(
      '/event/monitoring?token=abc123',
      { type, ...payload },
      headers,
    );
    if (status !== 200) throw new Error(`the webhook answered ${status}: ${text}`);
    return traceId;
  }

  /** Asks the engine's API as somebody with these roles. */
  async api(
    method: string,
    path: string,
    body?: unknown,
    token: object | undefined = admin,
  ): Promise<{ status: number; body: unknown; traceId: string }> {
    const response = await fetch(`http://127.0.0.1:${await this.engine.port()}${path}`, {
      method,
      headers: token && {
        authorization: `Bearer ${Buffer.from(JSON.stringify(token)).toString('base64')}`,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    const traceId = response.headers.get('trace-id') ?? '';
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text, traceId };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(name: string, folder: string, environment: Record<string, string>): TornadoProcess {
    const process = new TornadoProcess(name, join(this.folder, folder), {
      ...this.#options.environment,
      ...environment,
    });
    this.#processes.push(process);
    return process;
  }
}

/** May do everything, in both versions of the API. */
export const admin = {
  user: 'test',
  roles: ['admin'],
  auths: { all: { path: ['root'], roles: ['admin'] } },
};

/** As GitHub tells of a push. */
export const push = (ref = 'refs/heads/main'): object => ({
  ref,
  repository: { name: 'the_repository' },
  commits: [{ committer: { name: 'somebody' }, modified: ['README.md'] }],
});
