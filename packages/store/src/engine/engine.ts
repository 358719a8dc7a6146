import type { Readable } from 'node:stream';

/** A value bound to a `{name:Type}` placeholder; never part of the SQL text. */
export type Param = string | number | boolean | bigint | readonly Param[];
export type Params = Readonly<Record<string, Param>>;

export interface QueryOptions {
  readonly params?: Params;
  /** The query is cancelled in the engine when this aborts. */
  readonly abort?: AbortSignal | undefined;
  /** Default 30 s. The engine gives up with an error after it. */
  readonly timeoutMs?: number;
  /** Bytes of memory the query may use at most. Default: the engine's own limit per query. */
  readonly maxMemoryBytes?: number;
}

/** ClickHouse, wherever it runs. Every method rejects with EngineUnavailable while it cannot be reached. */
export interface Engine {
  readonly kind: 'embedded' | 'server';
  /** Resolves once queries are answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
  state(): EngineState;
  /** All rows of a SELECT, as JSON objects: 64-bit integers come as strings, so cast what must be a number. */
  query<Row>(sql: string, options?: QueryOptions): Promise<Row[]>;
  /** All rows of a SELECT in ClickHouse's Native format: exact for binary values, and cheap where there are many rows. */
  queryNative(sql: string, options?: QueryOptions): Promise<Buffer>;
  /** A statement without an answer. */
  command(sql: string, options?: QueryOptions): Promise<void>;
  /**
   * Appends one block in ClickHouse's Native format. A second insert into the same table with the same token changes
   * nothing, also across restarts of either side. Resolves when the rows survive a crash and are visible.
   * Without a token an equal block may be kept once or twice.
   */
  insert(table: string, block: NativeBlock, token: string | undefined): Promise<void>;
  /** Nothing is being written for a while: an engine that is ours gives memory back to the system. */
  rest(): Promise<void>;
}

export interface NativeBlock {
  readonly columns: readonly string[];
  readonly rows: number;
  body(): Readable;
}

export interface EngineState {
  readonly state: 'starting' | 'ready' | 'down';
  readonly version?: string;
  readonly error?: string;
  /** Of the engine's process, where it is a child of this one. */
  readonly pid?: number;
  readonly restarts?: number;
}

/** The engine cannot be reached now, or ran out of memory: worth a retry. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}

/** The engine understood and refused; `code` is ClickHouse's error code. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: number;
  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
