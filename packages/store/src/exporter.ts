import {
  byteSize,
  clientTls,
  defineExporter,
  duration,
  loadClientTls,
  positiveDuration,
  urlWithPassword,
  type Env,
  type Exporter,
  type JournalRange,
} from '@throughline/pipeline';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ClickHouseEngine, type ClickHouseOptions } from './engine/clickhouse-engine.ts';
import { EmbeddedEngine } from './engine/embedded-engine.ts';
import { EngineUnavailable, type Engine } from './engine/engine.ts';
import { retain } from './retention.ts';
import { migrate } from './schema/migrate.ts';
import { bytesPerInsert } from './write/prepare.ts';
import { Writer } from './write/writer.ts';

const config = z
  .strictObject({
    endpoint: urlWithPassword()
      .regex(/^https?:\/\/[^/]+(\/[\w-]*)?$/, { error: 'expected http://user:password@host:8123/database' })
      .optional()
      .describe(
        'A ClickHouse server, `http://user:password@host:8123/database`. Default: the embedded ClickHouse, in the data folder.',
      ),
    tls: clientTls(),
    memoryLimit: byteSize()
      .refine((bytes) => bytes >= 512 * 2 ** 20, { error: 'must be at least 512MiB' })
      .prefault('2GiB')
      .describe('Memory that the embedded ClickHouse may use; a single query may use half of it.'),
    retention: z
      .strictObject({
        maxAge: duration()
          .prefault('336h')
          .describe('Data received longer ago is deleted, six hours at a time. `0s` keeps everything.'),
        maxSize: byteSize()
          .prefault(0)
          .describe('When the tables are larger than this, the oldest six hours are deleted. `0`: no limit.'),
      })
      .prefault({})
      .describe('How long stored data is kept.'),
    batch: z
      .strictObject({
        timeout: positiveDuration()
          .prefault('1s')
          .describe(
            'How long spans may wait in the journal for an insert to fill. Longer is cheaper; shorter is fresher.',
          ),
        maxSize: byteSize()
          .prefault('192MiB')
          .describe('Bytes of OTLP that one delivery takes out of the journal.'),
      })
      .prefault({})
      .describe('How inserts are cut.'),
  })
  .describe('Stores traces and logs in ClickHouse, embedded or as a server.');

type Config = z.output<typeof config>;

/** Stores what arrives; `engine` is how it is read. */
export interface StoreExporter extends Exporter {
  readonly engine: Engine;
}

export function isStoreExporter(exporter: Exporter | undefined): exporter is StoreExporter {
  return exporter instanceof ThroughlineExporter;
}

export const throughlineExporter = defineExporter<Config>({
  type: 'throughline',
  signals: ['traces', 'logs'],
  config,
  create: (settings, env) => new ThroughlineExporter(settings, env),
});

const retentionEveryMs = 5 * 60_000;
/** For ever, and soon again: what keeps the store from taking data is mostly a restart. */
const retry = {
  enabled: true,
  initialInterval: 200,
  multiplier: 1.5,
  randomizationFactor: 0.5,
  maxInterval: 5_000,
  maxElapsedTime: 0,
};
/** Nothing to write for so long is a rest, in which memory is given back. */
const restAfterMs = 7_000;

class ThroughlineExporter implements StoreExporter {
  readonly delivery;
  readonly #config: Config;
  readonly #env: Env;
  readonly #writer = new Writer();
  #engine: Engine | undefined;
  #endpoint: () => ClickHouseOptions = () => {
    throw new EngineUnavailable('the store is not started');
  };
  #migrated: Promise<void> | undefined;
  #retention: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  /** An insert takes the engine several times as much memory. */
  readonly #maxInsertBytes: number;
  readonly #countInserts;
  readonly #countDeliveries;
  readonly #countSeconds;

  constructor(settings: Config, env: Env) {
    this.#config = settings;
    this.#env = env;
    this.delivery = { maxBytes: settings.batch.maxSize, maxDelayMs: settings.batch.timeout, retry };
    this.#maxInsertBytes =
      settings.endpoint === undefined ? Math.min(bytesPerInsert, settings.memoryLimit / 16) : bytesPerInsert;
    this.#countInserts = env.meter.counter(
      'throughline_store_inserted_items',
      'Spans and log records stored.',
    );
    this.#countDeliveries = env.meter.counter('throughline_store_writes', 'Ranges of the journal stored.');
    this.#countSeconds = env.meter.counter('throughline_store_write_seconds', 'Time that storing them took.');
  }

  get engine(): Engine {
    if (!this.#engine) throw new EngineUnavailable('the store is not started');
    return this.#engine;
  }

  async start(): Promise<void> {
    this.#engine =
      this.#config.endpoint === undefined
        ? await this.#embedded()
        : await this.#server(this.#config.endpoint);
    this.#observe(this.#engine);
    this.#retention = setInterval(() => void this.#retain(), retentionEveryMs);
    this.#retention.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#retention);
    clearTimeout(this.#rest);
    await this.#writer.stop();
    await this.#engine?.stop();
  }

  async deliver(range: JournalRange): Promise<void> {
    await this.#schema();
    const begun = performance.now();
    const { damaged } = await this.#writer.write(range, this.#endpoint(), this.#maxInsertBytes);
    this.#countSeconds((performance.now() - begun) / 1000, { signal: range.signal });
    this.#countDeliveries(1, { signal: range.signal });
    for (const damage of damaged)
      this.#env.log.error('the journal is damaged, left out what cannot be read', { ...damage });
    this.#countInserts(range.items, { signal: range.signal });
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#goToRest(), restAfterMs).unref();
  }

  async #goToRest(): Promise<void> {
    await this.#writer.rest();
    await this.engine
      .rest()
      .catch((error: unknown) => this.#env.log.debug('no rest', { error: String(error) }));
  }

  async #embedded(): Promise<Engine> {
    const engine = new EmbeddedEngine({
      directory: join(this.#env.directory, 'clickhouse'),
      maxMemoryBytes: this.#config.memoryLimit,
      log: this.#env.log,
    });
    this.#engine = engine;
    this.#endpoint = () => engine.endpoint();
    await this.#schema();
    return engine;
  }

  /** A server that cannot be reached now does not keep anything from starting: the journal waits for it. */
  async #server(url: string): Promise<Engine> {
    const options: ClickHouseOptions = {
      url,
      ...(url.startsWith('https:') && { tls: await loadClientTls(this.#config.tls) }),
    };
    const engine = new ClickHouseEngine(options);
    this.#engine = engine;
    this.#endpoint = () => options;
    try {
      await this.#schema();
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      this.#env.log.warn('ClickHouse cannot be reached yet; what arrives waits in the journal', {
        error: error.message,
      });
    }
    return engine;
  }

  /** The engine is started, and the schema brought up to date, once; a failure is tried again by the next caller. */
  #schema(): Promise<void> {
    this.#migrated ??= this.engine
      .start()
      .then(() => migrate(this.engine))
      .catch((error: unknown) => {
        this.#migrated = undefined;
        throw error;
      });
    return this.#migrated;
  }

  async #retain(): Promise<void> {
    const { maxAge, maxSize } = this.#config.retention;
    try {
      await retain(this.engine, { maxAgeMs: maxAge, maxBytes: maxSize }, this.#env.now(), this.#env.log);
    } catch (error) {
      this.#env.log.warn('old data could not be deleted, trying again later', { error: String(error) });
    }
  }

  #observe(engine: Engine): void {
    const { meter } = this.#env;
    meter.gauge('throughline_engine_up', '1 while ClickHouse answers.', () => [
      { value: engine.state().state === 'ready' ? 1 : 0 },
    ]);
    meter.gauge(
      'throughline_engine_memory_rss',
      "Resident memory of the embedded ClickHouse's process, bytes.",
      () => {
        const { pid } = engine.state();
        return pid === undefined ? [] : residentBytes(pid);
      },
    );
    meter.gauge('throughline_engine_restarts', 'How often the embedded ClickHouse was started again.', () => [
      { value: engine.state().restarts ?? 0 },
    ]);
  }
}

/** Where the system tells it: Linux. */
function residentBytes(pid: number): { value: number }[] {
  try {
    const [, resident] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return resident === undefined ? [] : [{ value: Number(resident) * 1024 }];
  } catch {
    return [];
  }
}
