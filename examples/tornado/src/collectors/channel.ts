import type { Attributes } from '@opentelemetry/api';
import type { Level } from '../telemetry/levels.ts';

/** The way of events to the engine. */
export interface Channel {
  /** What it is called in log lines and counters: `NATS`, `TCP`. */
  readonly broker: string;
  /** What sends, in log lines. */
  readonly actor: string;
  /** Of the spans of sending. */
  readonly level: Level;
  readonly spanName: string;
  readonly attributes: Attributes;
  /** Whether events take their context along. */
  readonly carriesContext: boolean;
  /** Resolves when the event has left this process for good; rejects, within seconds, where it cannot. */
  send(event: string): Promise<void>;
  /** Calls `then` whenever there is a connection again. */
  onConnected(then: () => void): void;
  close(): Promise<void>;
}
