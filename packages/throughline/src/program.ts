import {
  formatProblem,
  Graph,
  metricsEndpoint,
  systemClock,
  type Listener,
  type Log,
  formatEndpoint,
} from '@throughline/pipeline';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import type { Configuration } from './load-configuration.ts';
import { Metrics, MetricsServer } from './metrics.ts';
import { version } from './version.ts';

export interface ProgramOptions {
  readonly configuration: Configuration;
  readonly dataDirectory: string;
  readonly log: (component: string) => Log;
}

/** How long exporters may go on with what the journal holds when the program stops. */
const graceMs = 1500;

/** The running program: everything between a checked configuration and the end of the process. */
export class Program {
  readonly #options: ProgramOptions;
  readonly #metrics = new Metrics();
  readonly #listening: Listener[] = [];
  readonly #graph: Graph;
  #lock: FolderLock | undefined;
  #metricsServer: MetricsServer | undefined;

  /** Makes all components and starts none. */
  constructor(options: ProgramOptions) {
    this.#options = options;
    const { configuration, dataDirectory, log } = options;
    this.#graph = new Graph(configuration.config, {
      version,
      directory: dataDirectory,
      clock: systemClock,
      random: Math.random,
      log,
      meter: this.#metrics.meter,
      listening: (listener) => this.#listening.push(listener),
    });
  }

  get graph(): Graph {
    return this.#graph;
  }

  /** What listens where, in the order in which it began to. */
  get listening(): readonly Listener[] {
    return this.#listening;
  }

  /** Resolves when data is received. Rejects with a StartError when it cannot be; `stop` is to be called then too. */
  async start(): Promise<void> {
    const { configuration, dataDirectory, log } = this.#options;
    const { config, file } = configuration;
    for (const warning of config.warnings) log('service').warn(formatProblem(file, warning));
    this.#lock = await lockFolder(dataDirectory);
    await this.#serveMetrics();
    await this.#graph.start();
  }

  /** Stops receiving, finishes what was accepted, and frees everything. Takes at most about 4 seconds. */
  async stop(): Promise<void> {
    await this.#graph.stop(graceMs);
    await this.#metricsServer?.close();
    await this.#lock?.release();
  }

  async #serveMetrics(): Promise<void> {
    const endpoint = metricsEndpoint(this.#options.configuration.config.service.telemetry);
    if (!endpoint) return;
    const server = new MetricsServer(this.#metrics);
    const port = await server.listen(endpoint);
    this.#metricsServer = server;
    this.#listening.push({ what: 'metrics', url: `http://${formatEndpoint({ ...endpoint, port })}/metrics` });
  }
}
