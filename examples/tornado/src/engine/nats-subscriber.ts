import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { type NatsClient, connectNats } from '../nats.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Intake } from './intake.ts';

/** Takes events in from a NATS subject; returns how to stop. Where there is no broker it waits for one. */
export function subscribeNats(
  client: NatsClient,
  subject: string,
  intake: Intake,
  telemetry: Telemetry,
): () => Promise<void> {
  const seen = (connected: boolean): void =>
    telemetry.log(connected ? 'info' : 'error', `Connection to NATS ${connected ? 'made' : 'lost'}`);
  const opening = connectNats(client, telemetry.service, seen);
  let connection: NatsConnection | undefined;
  const use = async (made: NatsConnection): Promise<void> => {
    connection = made;
    const subscription = made.subscribe(subject);
    await made.flush();
    telemetry.log('info', `subscribed to ${subject}`);
    await read(subscription, intake);
  };
  opening
    .then(use)
    .catch((error: unknown) => telemetry.log('error', `NATS cannot be used: ${String(error)}`));
  return async () => connection?.close();
}

/** Reads on only when the intake takes the event. */
async function read(subscription: Subscription, intake: Intake): Promise<void> {
  for await (const message of subscription) await intake.fromNats(message.string(), message.subject);
}
