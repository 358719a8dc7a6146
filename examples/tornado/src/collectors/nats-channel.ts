import { type NatsConnection, createInbox } from '@nats-io/transport-node';
import type { Attributes } from '@opentelemetry/api';
import { type NatsClient, connectNats } from '../nats.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Channel } from './channel.ts';

export interface NatsChannelOptions {
  client: NatsClient;
  /** Begins with the tenant: `<tenant>.tornado.events`. */
  subject: string;
  /** As what the service map knows who takes the events in. */
  peerService: string;
  telemetry: Telemetry;
  metrics: Metrics;
}

/** The broker has this long to say that it has an event. */
const patienceMs = 5000;

/** A broker's answer to a message that nobody listens to. */
const noResponders = 503;

/**
 * Publishes events on a subject, and waits until the broker has given them to somebody: one that nobody listens to, as while the
 * engine is down, is not sent.
 */
export class NatsChannel implements Channel {
  readonly broker = 'NATS';
  readonly actor = 'NatsPublisherActor';
  readonly level = 'info';
  readonly carriesContext = true;
  readonly spanName: string;
  readonly attributes: Attributes;
  readonly #subject: string;
  readonly #whenConnected: (() => void)[] = [];
  /** Where the broker says that nobody listens; a number is added for each event. */
  readonly #inbox = createInbox();
  readonly #unheard = new Set<string>();
  #connection: NatsConnection | undefined;
  #connected = false;
  #sent = 0;

  constructor({ client, subject, peerService, telemetry, metrics }: NatsChannelOptions) {
    this.#subject = subject;
    this.spanName = `Send Event to NATS subject: ${subject}`;
    this.attributes = {
      'peer.service': peerService,
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': subject,
    };
    let before = false;
    const opening = connectNats(client, telemetry.service, (connected) => {
      this.#connected = connected;
      if (!connected) return telemetry.log('error', 'NatsPublisherActor - Connection to NATS lost');
      telemetry.log('info', `NatsPublisherActor - Connection to NATS ${before ? 'restored' : 'made'}`);
      if (before) metrics.count('nats_reconnect_attempts');
      before = true;
      // The first time, `opening` is not done yet.
      setImmediate(() => this.#whenConnected.forEach((then) => then()));
    });
    opening
      .then((connection) => this.#use(connection))
      .catch((error: unknown) => telemetry.log('error', `NATS cannot be used: ${String(error)}`));
  }

  async send(event: string): Promise<void> {
    const connection = this.#connection;
    if (!connection || !this.#connected) throw new Error('there is no connection to NATS');
    const reply = `${this.#inbox}.${this.#sent++}`;
    connection.publish(this.#subject, event, { reply });
    // The broker's answer to the flush comes after what it has to say about the event.
    await within(patienceMs, connection.flush());
    if (this.#unheard.delete(reply)) throw new Error(`nobody listens to ${this.#subject}`);
  }

  onConnected(then: () => void): void {
    this.#whenConnected.push(then);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  #use(connection: NatsConnection): void {
    this.#connection = connection;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (_, { subject, headers }) => {
        if (headers?.code === noResponders) this.#unheard.add(subject);
      },
    });
  }
}

async function within(timeoutMs: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`NATS is silent for ${timeoutMs} ms`)), timeoutMs);
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
