import {
  createClient,
  ClickHouseError,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { EngineError, EngineUnavailable } from './engine.ts';
import type { Engine, EngineState, NativeBlock, Params, QueryOptions } from './engine.ts';

export interface ClickHouseOptions {
  /** `http://user:password@host:8123/database`; the database defaults to `default`. */
  readonly url: string;
  /** Sent with every request. */
  readonly headers?: Record<string, string>;
  /** For https: URLs. */
  readonly tls?: SecureContextOptions & {
    readonly rejectUnauthorized: boolean;
    readonly servername?: string;
  };
  /** Bytes a single query may use. Default 1 GiB. */
  readonly maxQueryMemoryBytes?: number;
}

const defaultTimeoutMs = 30_000;
/** ClickHouse ends a query in time by itself; one that does not even answer so much later is given up. */
const silentMs = 5_000;
const maxConnections = 16;
/** ClickHouse error codes that pass: memory limits, too many parts or queries, shutting down, replica trouble. */
const passingCodes = new Set([
  74, 75, 76, 202, 209, 210, 236, 241, 242, 243, 252, 319, 394, 425, 439, 473, 999,
]);

/** ClickHouse ends a query whose client has gone away only if the query says that it only reads. */
const cancellable: ClickHouseSettings = { readonly: '2', cancel_http_readonly_queries_on_client_close: 1 };

/** ClickHouse over HTTP, as a server of its own or as the embedded engine's child process. */
export class ClickHouseEngine implements Engine {
  readonly kind: 'embedded' | 'server' = 'server';
  readonly #client: ClickHouseClient;
  readonly #maxQueryMemoryBytes: number;
  #version: string | undefined;
  #error: string | undefined;

  constructor(options: ClickHouseOptions) {
    this.#maxQueryMemoryBytes = options.maxQueryMemoryBytes ?? 2 ** 30;
    this.#client = createClient({
      url: options.url,
      ...(options.headers && { http_headers: options.headers }),
      ...(options.tls && {
        http_agent: new Agent({ ...options.tls, keepAlive: true, maxSockets: maxConnections }),
      }),
      application: 'throughline',
      request_timeout: 300_000,
      max_open_connections: maxConnections,
      keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
      compression: { request: false, response: false },
      log: { level: 127 as never },
    });
  }

  async start(): Promise<void> {
    const [row] = await this.query<{ version: string }>('SELECT version() AS version', { timeoutMs: 5_000 });
    this.#version = row!.version;
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }

  state(): EngineState {
    if (this.#version === undefined) return { state: 'starting', ...(this.#error && { error: this.#error }) };
    return this.#error === undefined
      ? { state: 'ready', version: this.#version }
      : { state: 'down', version: this.#version, error: this.#error };
  }

  async query<Row>(sql: string, options: QueryOptions = {}): Promise<Row[]> {
    return this.#read(sql, options, async ({ clickhouse_settings, ...settings }) => {
      const result = await this.#client.query({
        query: sql,
        format: 'JSONEachRow',
        ...settings,
        clickhouse_settings: { ...clickhouse_settings, ...cancellable, wait_end_of_query: 1 },
      });
      return result.json<Row>();
    });
  }

  async queryNative(sql: string, options: QueryOptions = {}): Promise<Buffer> {
    return this.#read(sql, options, async ({ clickhouse_settings, ...settings }) => {
      const result = await this.#client.exec({
        query: `${sql} FORMAT Native`,
        ...settings,
        // An error after the first rows would otherwise hide in the middle of the answer.
        clickhouse_settings: { ...clickhouse_settings, ...cancellable, wait_end_of_query: 1 },
      });
      const chunks: Buffer[] = [];
      for await (const chunk of result.stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    });
  }

  async command(sql: string, options: QueryOptions = {}): Promise<void> {
    await this.#run(sql, options, (settings) => this.#client.command({ query: sql, ...settings }));
  }

  async insert(table: string, block: NativeBlock, token: string | undefined): Promise<void> {
    const query = `INSERT INTO ${table} (${block.columns.join(', ')}) FORMAT Native`;
    await this.#attempt(query, undefined, async () => {
      const result = await this.#client.exec({
        query,
        values: block.body(),
        clickhouse_settings: {
          ...(token !== undefined && { insert_deduplication_token: token }),
          insert_deduplicate: 1,
          // The block arrives whole and stays whole: one token, one part per partition.
          max_insert_block_size: '10000000',
          min_insert_block_size_rows: '0',
          min_insert_block_size_bytes: '0',
          max_insert_threads: '1',
          async_insert: 0,
          max_partitions_per_insert_block: '0',
        },
      });
      result.stream.resume();
      await new Promise<void>((resolve, reject) => {
        result.stream.once('end', resolve);
        result.stream.once('error', reject);
      });
    });
  }

  /** A server looks after its own memory. */
  async rest(): Promise<void> {}

  /** Rejects also when the server is there and stays silent. */
  async #read<T>(
    sql: string,
    options: QueryOptions,
    work: (settings: RequestSettings) => Promise<T>,
  ): Promise<T> {
    const limitMs = (options.timeoutMs ?? defaultTimeoutMs) + silentMs;
    const late = AbortSignal.timeout(limitMs);
    const abort = options.abort ? AbortSignal.any([options.abort, late]) : late;
    try {
      return await this.#run(sql, { ...options, abort }, work);
    } catch (error) {
      if (!late.aborted || options.abort?.aborted) throw error;
      this.#error = `no answer within ${limitMs / 1000} s`;
      throw new EngineUnavailable(`ClickHouse cannot be reached: ${this.#error}`, { cause: error });
    }
  }

  async #run<T>(
    sql: string,
    options: QueryOptions,
    work: (settings: RequestSettings) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    return this.#attempt(sql, options.abort, () =>
      work({
        ...(options.params && { query_params: options.params }),
        ...(options.abort && { abort_signal: options.abort }),
        query_id: randomUUID(),
        clickhouse_settings: {
          max_execution_time: timeoutMs / 1000,
          max_memory_usage: String(options.maxMemoryBytes ?? this.#maxQueryMemoryBytes),
          output_format_json_quote_64bit_integers: 1,
          output_format_json_quote_denormals: 1,
        },
      }),
    );
  }

  async #attempt<T>(sql: string, abort: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      abort?.throwIfAborted();
      this.#error = undefined;
      return result;
    } catch (error) {
      if (abort?.aborted) throw error;
      throw this.#translate(sql, error);
    }
  }

  #translate(sql: string, error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ClickHouseError) {
      const code = Number(error.code);
      const said = `${message.split('\n')[0]} (in: ${sql.replaceAll(/\s+/g, ' ').slice(0, 120)})`;
      return passingCodes.has(code)
        ? new EngineUnavailable(said, { cause: error })
        : new EngineError(said, code, { cause: error });
    }
    this.#error = message;
    return new EngineUnavailable(`ClickHouse cannot be reached: ${message}`, { cause: error });
  }
}

interface RequestSettings {
  readonly query_params?: Params;
  readonly abort_signal?: AbortSignal;
  readonly query_id: string;
  readonly clickhouse_settings: ClickHouseSettings;
}
