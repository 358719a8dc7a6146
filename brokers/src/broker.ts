/** A message broker that answers. */
export interface Broker {
  /** As its clients take it: `redis://127.0.0.1:6379`, `nats://127.0.0.1:4222`; for Kafka `host:port`, comma separated. */
  readonly url: string;
  /** Ends it and removes its data; does nothing where it was there before. */
  stop(): Promise<void>;
}

/** The broker cannot be started on this machine. The message is one line that says what to install. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}
