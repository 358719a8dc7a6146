import { type Attributes, type Tracer, trace } from '@opentelemetry/api';
import { version } from '../version.ts';

/** What is known of a message, or of a batch of them, and of where it goes or comes from. */
export interface MessageOptions {
  /** `kafka`, `nats`, `redis`, `rabbitmq`, … */
  system: string;
  /** The topic, queue, subject or channel. */
  destination: string;
  /** What `destination` is one of where that has many values (`orders.*`); then it is in the span's name. */
  template?: string;
  /** Nobody but this conversation knows the destination, as that of a reply; then it is not in the span's name. */
  temporary?: boolean;
  /** The system's word for what is done. Default: `send` where a message goes out, `process` where it is handled. */
  operation?: string;
  /** Of the span. Default: operation and destination, `send orders`. */
  name?: string;
  messageId?: string;
  /** Bytes of the message without its headers. */
  bodySize?: number;
  /** Where several are sent or handled at once. */
  messageCount?: number;
  consumerGroup?: string;
  partition?: string | number;
  server?: { address: string; port?: number };
  /** Further attributes; they win over those that come from the above. */
  attributes?: Attributes;
  /** Default: one named `@throughline/node/messaging`. */
  tracer?: Tracer;
}

type Operation = 'send' | 'process';

export const defaultTracer = (): Tracer => trace.getTracer('@throughline/node/messaging', version);

export function spanName(options: MessageOptions, operation: Operation): string {
  if (options.name !== undefined) return options.name;
  const destination = options.temporary ? '(temporary)' : (options.template ?? options.destination);
  return `${options.operation ?? operation} ${destination}`;
}

/**
 * By OpenTelemetry's semantic conventions 1.45 for messaging. Its rename of `messaging.system` is new, so that what reads
 * traces knows the older name: both are set.
 */
export function messageAttributes(options: MessageOptions, operation: Operation): Attributes {
  return defined({
    'messaging.system': options.system,
    'messaging.system.name': options.system,
    'messaging.destination.name': options.destination,
    'messaging.destination.template': options.template,
    'messaging.destination.temporary': options.temporary,
    'messaging.destination.partition.id': options.partition?.toString(),
    'messaging.operation.name': options.operation ?? operation,
    'messaging.operation.type': operation,
    'messaging.message.id': options.messageId,
    'messaging.message.body.size': options.bodySize,
    'messaging.batch.message_count': options.messageCount,
    'messaging.consumer.group.name': options.consumerGroup,
    'server.address': options.server?.address,
    'server.port': options.server?.port,
    ...options.attributes,
  });
}

/** Hot: runs for every message. */
function defined(attributes: Attributes): Attributes {
  const known: Attributes = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) known[name] = value;
  }
  return known;
}

/** Bytes of a text in UTF-8, or of bytes; of whatever else a client is given it is for the client to say. */
export const sizeOf = (body: unknown): { bodySize?: number } =>
  typeof body === 'string' || body instanceof Uint8Array ? { bodySize: Buffer.byteLength(body) } : {};
