import {
  type Attributes,
  type Context,
  type HrTime,
  type Span,
  SpanKind,
  SpanStatusCode,
  context,
  trace,
} from '@opentelemetry/api';
import type { Socket } from 'node:net';
import { elapsedMs, fineNow } from '../clock.ts';
import { version } from '../version.ts';
import { type Connection, type ConnectionObserver, type Step, localOf, remoteOf } from './connection.ts';

/**
 * How the network phases of a request are shown: as spans beside one another, with name resolution, connect and TLS
 * nested under the wait for the connection, or as events of the request's span.
 */
export type NetworkPhases = 'spans' | 'nested' | 'events' | 'off';

/** The sequence a request goes through. `wait` is the other side's time and no phase of the network. */
const stages = ['getconn', 'headers', 'send', 'wait', 'receive', 'over'] as const;
type Stage = (typeof stages)[number];

/** A request whose phases are to be shown. */
export interface TracedRequest {
  parent: Span;
  /** Name and, where it is not the scheme's own, port. */
  host: string;
  mode: Exclude<NetworkPhases, 'off'>;
  /** Whether the head has been handed to the connection. */
  headersSent: () => boolean;
}

const tracer = trace.getTracer('@throughline/node', version);
const tracesUnder = new WeakMap<Span, Set<NetworkTrace>>();

/** Ends the phases under a span that is about to end, so that none outlives it. */
export function parentEnds(parent: Span): void {
  for (const each of tracesUnder.get(parent) ?? []) each.finished();
}

/**
 * The network phases of one HTTP request, under its span: `http.getconn`, `http.dns`, `http.connect` (each address
 * tried), `http.tls`, `http.headers`, `http.send`, `http.receive`. Names and attributes are those of OpenTelemetry
 * Go's `otelhttptrace`. A phase that fails has status error; its parent is left to whoever made it.
 */
export class NetworkTrace implements ConnectionObserver {
  /** When the request asked for a connection. */
  readonly begin: HrTime = fineNow();
  readonly #parent: Span;
  readonly #context: Context;
  readonly #mode: Exclude<NetworkPhases, 'off'>;
  readonly #host: string;
  readonly #headersSent: () => boolean;
  #stage: Stage = 'getconn';
  #since: HrTime = this.begin;
  #started = false;
  #getconn: Span | undefined;
  #connection: Connection | undefined;
  #socket: Socket | undefined;

  constructor(request: TracedRequest) {
    this.#parent = request.parent;
    this.#context = trace.setSpan(context.active(), request.parent);
    this.#mode = request.mode;
    this.#host = request.host;
    this.#headersSent = request.headersSent;
    const siblings = tracesUnder.get(request.parent);
    if (siblings) siblings.add(this);
    else tracesUnder.set(request.parent, new Set([this]));
  }

  /** The request has got `socket`, open or not; `connection` is how it was opened. */
  assigned(socket: Socket, connection: Connection | undefined, reused: boolean): void {
    if (this.#stage !== 'getconn') return;
    this.#socket = socket;
    this.#connection = connection;
    if (reused || !connection) {
      this.#connected(reused);
      return;
    }
    this.#startGetconn(connection.createdAt);
    connection.observe(this);
  }

  /** No connection could be opened. */
  refused(connection: Connection, error: Error): void {
    if (this.#stage !== 'getconn') return;
    this.#startGetconn(connection.createdAt);
    connection.observe(this);
    this.failed(error);
  }

  step({ phase, start, end, attributes, error }: Step): void {
    if (this.#stage !== 'getconn') return;
    const name = phase === 'dns' && { 'http.host': this.#host.replace(/:\d+$/, '') };
    this.#emit(phase, start, end, { ...name, ...attributes }, error);
  }

  ready(): void {
    this.#connected(false);
  }

  #connected(reused: boolean): void {
    if (this.#stage !== 'getconn') return;
    const idleSince = this.#connection?.idleSince;
    const idleMs = reused && idleSince ? elapsedMs(idleSince, fineNow()) : undefined;
    const remote = this.#socket && remoteOf(this.#socket);
    const local = this.#socket && localOf(this.#socket);
    this.#advance('headers', {
      ...(remote !== undefined && { 'http.remote': remote }),
      ...(local !== undefined && { 'http.local': local }),
      'http.conn.reused': reused,
      'http.conn.wasidle': idleMs !== undefined,
      ...(idleMs !== undefined && { 'http.conn.idletime': `${idleMs.toFixed(3)}ms` }),
    });
    // What was waiting for the connection is written before the next tick.
    process.nextTick(() => {
      if (this.#headersSent()) this.#advance('send');
    });
  }

  requestWritten(): void {
    this.#advance('send');
    this.#advance('wait');
  }

  firstByte(): void {
    this.requestWritten();
    this.#advance('receive');
  }

  /** The whole answer has arrived. */
  received(): void {
    this.firstByte();
    this.finished();
  }

  /** Nothing more will be seen of the request; what is under way ends here. */
  finished(): void {
    this.#end(undefined);
  }

  failed(error: Error): void {
    if (this.#stage === 'over') return;
    if (this.#stage === 'getconn') this.#connection?.failed(error);
    // The wait is no phase of its own; a connection that breaks in it is shown as the reception that failed.
    if (this.#stage === 'wait') this.#stage = 'receive';
    this.#end(error);
  }

  #end(error: Error | undefined): void {
    if (this.#stage === 'over') return;
    this.#advance('over', {}, error);
    if (this.#connection) this.#connection.idleSince = fineNow();
    tracesUnder.get(this.#parent)?.delete(this);
  }

  /** Leaves the present stage for a later one; going back or standing still is nothing. */
  #advance(next: Stage, attributes: Attributes = {}, error?: Error): void {
    const stage = this.#stage;
    if (stages.indexOf(next) <= stages.indexOf(stage)) return;
    const now = fineNow();
    this.#stage = next;
    if (stage === 'getconn') this.#endGetconn(now, attributes, error);
    else if (stage !== 'wait' && stage !== 'over') this.#emit(stage, this.#since, now, {}, error);
    this.#since = fineNow();
  }

  /** A client may begin to open the connection a moment before the request is seen. */
  #startGetconn(openedAt: HrTime = this.begin): void {
    if (this.#started) return;
    this.#started = true;
    this.#since = elapsedMs(openedAt, this.begin) > 0 ? openedAt : this.begin;
    const attributes = { 'http.host': this.#host };
    if (this.#mode === 'events') this.#parent.addEvent('http.getconn.start', attributes, this.#since);
    else this.#getconn = this.#startSpan('getconn', this.#since, attributes);
  }

  #endGetconn(end: HrTime, attributes: Attributes, error: Error | undefined): void {
    this.#startGetconn();
    if (this.#getconn) {
      this.#getconn.setAttributes(attributes);
      endSpan(this.#getconn, end, error);
    } else this.#parent.addEvent('http.getconn.done', { ...attributes, ...failure(error) }, end);
  }

  #emit(phase: string, start: HrTime, end: HrTime, attributes: Attributes, error: Error | undefined): void {
    if (this.#mode === 'events') {
      this.#parent.addEvent(`http.${phase}.start`, attributes, start);
      this.#parent.addEvent(`http.${phase}.done`, { ...attributes, ...failure(error) }, end);
      return;
    }
    endSpan(this.#startSpan(phase, start, attributes), end, error);
  }

  #startSpan(phase: string, startTime: HrTime, attributes: Attributes): Span {
    const inside = this.#mode === 'nested' && this.#getconn && this.#stage === 'getconn';
    const parent = inside && this.#getconn ? trace.setSpan(this.#context, this.#getconn) : this.#context;
    const options = { kind: SpanKind.CLIENT, startTime, attributes };
    return tracer.startSpan(`http.${phase}`, options, parent);
  }
}

function endSpan(span: Span, end: HrTime, error: Error | undefined): void {
  if (error) {
    span.setAttributes(failure(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message || error.name });
  }
  span.end(end);
}

function failure(error: Error | undefined): Attributes {
  if (!error) return {};
  const code = 'code' in error ? String(error.code) : error.name;
  return { 'error.type': code, message: error.message || code };
}
