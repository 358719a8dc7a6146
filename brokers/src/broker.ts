/** A message broker that answers. */
export interface Broker {
  /** As its clients take it: `redis://127.0.0.1:6379`, `nats://127.0.0.1:4222`; for Kafka `host:port`, comma separated. */
  readonly url: string;
  /** Ends it and removes its data; does nothing where it was there before. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Default: a free one. Given again after a stop, clients of the first broker find the second. */
  readonly port?: number;
}

/** The broker cannot be started on this machine. The message is one line that says what to install. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** The broker that `variable` names, which is left alone; else one that `start` starts. */
export async function existingOr(variable: string, start: () => Promise<Broker>): Promise<Broker> {
  const url = process.env[variable];
  return url ? { url, stop: async () => {} } : start();
}
