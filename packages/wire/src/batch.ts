/** What a batch carries. */
export type Signal = 'traces' | 'logs';

/**
 * Spans or log records on their way through a pipeline: OTLP bytes, not objects. `bytes` is the protobuf form of
 * TracesData / LogsData (the same bytes as an Export…ServiceRequest), already checked. Nobody changes them; whoever
 * wants other bytes makes another batch. Concatenating the bytes of two batches of one signal merges them.
 */
export interface Batch {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  /** Spans, or log records. */
  readonly items: number;
}
