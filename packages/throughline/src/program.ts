import {
  formatProblem,
  Graph,
  metricsEndpoint,
  systemClock,
  type Listener,
  type Log,
  formatEndpoint,
} from '@throughline/pipeline';
import { connectQuery, onlyStore, storesUnseen } from './connect-query.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import type { Configuration } from './load-configuration.ts';
import { MemoryKeeper } from './memory.ts';
import { Metrics, MetricsServer } from './metrics.ts';
import { version } from './version.ts';

export interface ProgramOptions {
  readonly configuration: Configuration;
  readonly dataDirectory: string;
  readonly allowPurge: boolean;
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
  readonly #memory = new MemoryKeeper();

  /** Makes all components and starts none. */
  constructor(options: ProgramOptions) {
    this.#options = options;
    const { configuration, dataDirectory, allowPurge, log } = options;
    this.#graph = new Graph(configuration.config, {
      version,
      directory: dataDirectory,
      clock: systemClock,
      random: Math.random,
      log,
      meter: this.#metrics.meter,
      listening: (listener) => this.#listening.push(listener),
    });
    connectQuery(this.#graph, { dataDirectory, allowPurge, listening: this.#listening });
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
    if (storesUnseen(this.#graph))
      log('service').info('what is stored is not shown here: no extension throughline_query is configured');
    this.#lock = await lockFolder(dataDirectory);
    await this.#serveMetrics();
    await this.#graph.start();
    this.#memory.start();
  }

  /** How many spans the store holds; undefined where nothing is stored or the store does not answer soon. */
  async spansStored(): Promise<number | undefined> {
    const store = onlyStore(this.#graph);
    const counts = await store?.counts({ abort: AbortSignal.timeout(3000) }).catch(() => undefined);
    return counts?.spans;
  }

  /** Stops receiving, finishes what was accepted, and frees everything. Takes at most about 4 seconds. */
  async stop(): Promise<void> {
    await this.#graph.stop(graceMs);
    await this.#metricsServer?.close();
    this.#memory.stop();
    await this.#lock?.release();
  }

  async #serveMetrics(): Promise<void> {
    const endpoint = metricsEndpoint(this.#options.configuration.config.service.telemetry);
    if (!endpoint) return;
    const server = new MetricsServer(this.#metrics);
    this.#metricsServer = server;
    const at = await server.listen(endpoint);
    this.#listening.push({ what: 'metrics', url: `http://${formatEndpoint(at)}/metrics` });
  }
}
