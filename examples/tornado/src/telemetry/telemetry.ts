import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api';
import { type Telemetry as Sdk, start } from '@throughline/node';
import { TraceKeepingIds, beginSpan } from './begin-span.ts';
import { type Filter, type Level, parseFilter } from './levels.ts';
import { Log } from './log.ts';
import type { LoggerSettings } from './logger-settings.ts';
import { SwitchSampler } from './switch-sampler.ts';

export interface SpanSettings {
  /** Default: INTERNAL. */
  kind?: SpanKind;
  attributes?: Attributes;
  /** Default: the active context. */
  parent?: Context;
  /** Whose level counts. Default: the service's own name. */
  target?: string;
}

/** Spans and log lines of a process: by level, the same for both, and with a switch for the export, both at run time. */
export class Telemetry {
  readonly service: string;
  readonly #sampler: SwitchSampler;
  readonly #sdk: Sdk;
  readonly #tracer: Tracer;
  readonly #log: Log;
  #level: string;
  #filter: Filter;

  constructor(service: string, settings: LoggerSettings) {
    this.service = service;
    this.#level = settings.level;
    this.#filter = parseFilter(settings.level);
    this.#sampler = new SwitchSampler(settings.apm);
    // Servers and messages have spans of their own making; calls to others need none.
    process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ??= 'undici';
    this.#sdk = start({
      ...(process.env['OTEL_SERVICE_NAME'] === undefined && { serviceName: service }),
      sampler: this.#sampler,
      idGenerator: new TraceKeepingIds(),
      networkPhases: 'events',
      flushOnExit: false,
    });
    this.#tracer = trace.getTracer(service);
    this.#log = new Log(service, settings);
  }

  get level(): string {
    return this.#level;
  }

  /** Throws where the text is not one. */
  setLevel(level: string): void {
    this.#filter = parseFilter(level);
    this.#level = level;
  }

  get apm(): boolean {
    return this.#sampler.on;
  }

  /** Whether traces that begin here from now on are exported, and log records. */
  set apm(on: boolean) {
    this.#sampler.on = on;
    this.#log.exported = on;
  }

  get stdout(): boolean {
    return this.#log.stdout;
  }

  set stdout(on: boolean) {
    this.#log.stdout = on;
  }

  /**
   * Runs `work` in a span that ends when its result is there; what it throws is the span's error. Below the level there is no
   * span, and whatever is made in `work` hangs under the parent.
   */
  span<T>(level: Level, name: string, settings: SpanSettings, work: (span: Span) => T): T {
    const parent = settings.parent ?? context.active();
    if (!this.#filter(level, settings.target ?? this.service))
      return context.with(parent, () => work(noSpan));
    const { kind = SpanKind.INTERNAL, attributes = {} } = settings;
    const span = beginSpan(this.#tracer, name, { kind, attributes }, parent);
    return context.with(trace.setSpan(parent, span), () => endingWith(span, () => work(span)));
  }

  /** A line of the log, which is an event of the span that is active too; one of level `error` makes that span failed. */
  log(level: Level, message: string, fields: Attributes = {}): void {
    if (!this.#filter(level, this.service)) return;
    this.#log.write(level, message, fields);
    const span = trace.getActiveSpan();
    span?.addEvent(message, { level: level.toUpperCase(), target: this.service, ...fields });
    if (level === 'error') span?.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  /** Exports what is waiting, and ends. */
  async shutdown(timeoutMs = 1000): Promise<void> {
    await this.#sdk.shutdown(timeoutMs);
    this.#log.write('info', 'stopped', { spans: this.#sdk.stats() });
  }
}

const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

function endingWith<T>(span: Span, work: () => T): T {
  const failed = (error: unknown): never => {
    failSpan(span, error);
    span.end();
    throw error;
  };
  let result: T;
  try {
    result = work();
  } catch (error) {
    return failed(error);
  }
  if (result instanceof Promise) {
    const done = (value: unknown): unknown => {
      span.end();
      return value;
    };
    return result.then(done, failed) as T;
  }
  span.end();
  return result;
}

/** Marks `span` as failed, with the error as an event and in its status. */
export function failSpan(span: Span, error: unknown): void {
  const { name, message } = error as Error;
  const attributes = { error: message, 'exception.type': name, 'exception.message': message };
  span.addEvent('exception', attributes);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
