import type { Batch, Signal } from '@throughline/wire';
import type { z } from 'zod';
import type { RetryOnFailure } from './config/sending.ts';
import type { JournalRange } from './journal-range.ts';

/**
 * Takes batches. Resolves when the batch is the next party's problem; rejects with InvalidData, Overloaded or another
 * error. The batch's bytes may be overwritten once that has happened: who keeps them copies them.
 */
export interface Consumer {
  consume(batch: Batch): Promise<void>;
}

/** Something with a life: started once, stopped once. */
export interface Component {
  start(): Promise<void>;
  /** Finishes what was accepted, then frees everything. Called once, also when start failed half-way. */
  stop(): Promise<void>;
}

/** What the world looks like to a component; made for each instance. */
export interface Env {
  /** `otlp`, `otlp_http/backup`: the key in the configuration. */
  readonly id: string;
  readonly log: Log;
  readonly meter: Meter;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A folder that belongs to this instance alone; made on first use by the component. */
  readonly directory: string;
  readonly version: string;
  /** Tells what listens where, for the start line and the status API. */
  readonly listening: (listener: Listener) => void;
}

export interface Listener {
  /** `OTLP/gRPC`, `OTLP/HTTP`, `UI and API`. */
  readonly what: string;
  /** `http://127.0.0.1:4318`. */
  readonly url: string;
}

export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

/** Counters and gauges, exposed as Prometheus text. Names as the Collector's: `otelcol_receiver_accepted_spans`. */
export interface Meter {
  counter(name: string, help: string): (value: number, labels?: Record<string, string>) => void;
  /** `read` is called at each scrape. */
  gauge(name: string, help: string, read: () => readonly Sample[]): void;
}

export interface Sample {
  readonly value: number;
  readonly labels?: Record<string, string>;
}

/**
 * A kind of component: its name in the configuration, its settings, and how to make one.
 *
 * `config` is a strict object whose keys are the configuration's keys in camelCase (`max_age` is `maxAge`); the loader
 * converts them. It and each of its keys is described (`.describe()`), which makes the reference page. It must be
 * possible to encode what it decodes (z.codec instead of a transform), which `print-config` does.
 *
 * A definition of any configuration may stand where `ReceiverDefinition` (of unknown) is asked for: `create` is a
 * method, so its parameters compare both ways. Only the loader calls it, with what the same `config` has decoded.
 */
export interface ReceiverDefinition<C = unknown> {
  readonly kind: 'receiver';
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  readonly config: z.ZodType<C>;
  /**
   * `next` has an entry for each signal whose pipelines name this receiver; one instance serves all of them. The
   * receiver counts what it takes and refuses (receiverMetrics), as it alone knows the transport.
   */
  create(config: C, next: Partial<Record<Signal, Consumer>>, env: Env): Component;
}

export interface ProcessorDefinition<C = unknown> {
  readonly kind: 'processor';
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  readonly config: z.ZodType<C>;
  create(config: C, next: Consumer, env: Env): Component & Consumer;
}

export interface Exporter extends Component {
  /**
   * How much a delivery should hold at most, how long to wait for it to fill, and when to try again after a failure
   * (default: for ever, with waits from 1 s to 30 s). Read once, after start.
   */
  readonly delivery: {
    readonly maxBytes: number;
    readonly maxDelayMs: number;
    readonly retry?: RetryOnFailure;
  };
  /**
   * Hands the range over. Resolves when the backend has it; rejects with InvalidData when the backend will never
   * take it (it is counted and skipped), with anything else when it is worth another try (Overloaded says when).
   * One range of a pipeline at a time, but several pipelines may share an exporter and then call at the same time.
   */
  deliver(range: JournalRange): Promise<void>;
}

export interface ExporterDefinition<C = unknown> {
  readonly kind: 'exporter';
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  readonly config: z.ZodType<C>;
  create(config: C, env: Env): Exporter;
}

export interface ExtensionDefinition<C = unknown> {
  readonly kind: 'extension';
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly config: z.ZodType<C>;
  /** `ready` says whether every pipeline is up. */
  create(config: C, ready: () => boolean, env: Env): Component;
}

export type ComponentDefinition =
  ReceiverDefinition | ProcessorDefinition | ExporterDefinition | ExtensionDefinition;

export function defineReceiver<C>(definition: Omit<ReceiverDefinition<C>, 'kind'>): ReceiverDefinition<C> {
  return { kind: 'receiver', ...definition };
}

export function defineProcessor<C>(definition: Omit<ProcessorDefinition<C>, 'kind'>): ProcessorDefinition<C> {
  return { kind: 'processor', ...definition };
}

export function defineExporter<C>(definition: Omit<ExporterDefinition<C>, 'kind'>): ExporterDefinition<C> {
  return { kind: 'exporter', ...definition };
}

export function defineExtension<C>(definition: Omit<ExtensionDefinition<C>, 'kind'>): ExtensionDefinition<C> {
  return { kind: 'extension', ...definition };
}
