import type { Signal } from '@throughline/wire';
import type { Env } from './component.ts';

/** What a receiver counts: items handed over, and items that it could not hand over (also those it found invalid). */
export interface ReceiverMetrics {
  accepted(signal: Signal, items: number, transport: string): void;
  refused(signal: Signal, items: number, transport: string): void;
}

/** The Collector's receiver counters, labelled with the receiver's id and the transport (`grpc`, `http`). */
export function receiverMetrics({ id, meter }: Pick<Env, 'id' | 'meter'>): ReceiverMetrics {
  const counters = {
    traces: {
      accepted: meter.counter('otelcol_receiver_accepted_spans', 'Spans taken into the pipelines.'),
      refused: meter.counter('otelcol_receiver_refused_spans', 'Spans that could not be taken.'),
    },
    logs: {
      accepted: meter.counter(
        'otelcol_receiver_accepted_log_records',
        'Log records taken into the pipelines.',
      ),
      refused: meter.counter('otelcol_receiver_refused_log_records', 'Log records that could not be taken.'),
    },
  };
  return {
    accepted: (signal, items, transport) => counters[signal].accepted(items, { receiver: id, transport }),
    refused: (signal, items, transport) => counters[signal].refused(items, { receiver: id, transport }),
  };
}
