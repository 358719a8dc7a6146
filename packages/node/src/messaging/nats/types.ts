import type { Tracer } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { Relation } from '../settings.ts';

export interface NatsConfig extends InstrumentationConfig {
  /** Whether baggage goes along. Default: as THROUGHLINE_MESSAGING_BAGGAGE says. */
  baggage?: boolean;
  /** Default: as THROUGHLINE_MESSAGING_CONSUMERS says, else `child`. */
  relation?: Relation;
}

/** What is asked when there is a message: what is configured may change. */
export type Tracing = () => { tracer?: Tracer; config: NatsConfig };

export type Payload = Uint8Array | string;

/** `MsgHdrs` of both clients. */
export interface Headers extends Iterable<[string, string[]]> {
  append(name: string, value: string): void;
  set(name: string, value: string): void;
}

export interface SendOptions {
  headers?: Headers;
  reply?: string;
}

/** A message of NATS or of JetStream. */
export interface Message {
  subject: string;
  reply?: string;
  data: Uint8Array;
  headers?: Headers;
  respond?(data?: Payload, options?: SendOptions): boolean;
}

export interface SubscribeOptions {
  queue?: string;
  callback?(error: Error | null, message: Message): unknown;
}

export interface Replies extends AsyncIterable<Message> {
  iterClosed?: Promise<unknown>;
}

/** `NatsConnection` of both clients, as far as it is traced. */
export interface Connection {
  publish(subject: string, data?: Payload, options?: SendOptions): void;
  request(subject: string, data?: Payload, options?: SendOptions): Promise<Message>;
  requestMany(subject: string, data?: Payload, options?: SendOptions): Promise<Replies>;
  subscribe(subject: string, options?: SubscribeOptions): AsyncIterable<Message>;
  getServer(): string;
  readonly info?: { headers?: boolean } | undefined;
  readonly options?: { inboxPrefix?: string };
}
