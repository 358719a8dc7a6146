import type { NatsConnection } from '@nats-io/transport-node';
import type { Attributes } from '@opentelemetry/api';
import { connectNats } from '../nats.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Channel } from './channel.ts';

export interface NatsChannelOptions {
  /** Host and port, or URL, each. */
  servers: readonly string[];
  /** Begins with the tenant: `<tenant>.tornado.events`. */
  subject: string;
  /** As what the service map knows who takes the events in. */
  peerService: string;
  telemetry: Telemetry;
  metrics: Metrics;
}

/** The broker has this long to say that it has an event. */
const patienceMs = 5000;

/** Publishes events on a subject, and waits until the broker has them. */
export class NatsChannel implements Channel {
  readonly broker = 'NATS';
  readonly actor = 'NatsPublisherActor';
  readonly level = 'info';
  readonly carriesContext = true;
  readonly spanName: string;
  readonly attributes: Attributes;
  readonly #subject: string;
  readonly #opening: Promise<NatsConnection>;
  readonly #whenConnected: (() => void)[] = [];
  #connection: NatsConnection | undefined;
  #connected = false;

  constructor({ servers, subject, peerService, telemetry, metrics }: NatsChannelOptions) {
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
    this.#opening = connectNats(servers, telemetry.service, (connected) => {
      this.#connected = connected;
      if (!connected) return telemetry.log('error', 'NatsPublisherActor - Connection to NATS lost');
      telemetry.log('info', `NatsPublisherActor - Connection to NATS ${before ? 'restored' : 'made'}`);
      if (before) metrics.count('nats_reconnect_attempts');
      before = true;
      // The first time, `opening` is not done yet.
      setImmediate(() => this.#whenConnected.forEach((then) => then()));
    });
    void this.#opening.then((connection) => (this.#connection = connection));
  }

  async send(event: string): Promise<void> {
    const connection = this.#connection;
    if (!connection || !this.#connected) throw new Error('there is no connection to NATS');
    connection.publish(this.#subject, event);
    await within(patienceMs, connection.flush());
  }

  onConnected(then: () => void): void {
    this.#whenConnected.push(then);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }
}

async function within(timeoutMs: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`NATS is silent for ${timeoutMs} ms`)), timeoutMs);
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
