import type { Consumer, ReceiverMetrics } from '@throughline/pipeline';
import { type Checked, checkLogs, checkTraces, type Signal } from '@throughline/wire';

const checks: Record<Signal, (bytes: Uint8Array) => Checked> = { traces: checkTraces, logs: checkLogs };

/**
 * Checks what has arrived and hands it over; resolves when it is the pipeline's problem, and only then the sender is
 * answered. Spans that cannot be kept are counted in the answer, the others are handed over all the same.
 */
export async function takeIn(
  signal: Signal,
  bytes: Uint8Array,
  next: Consumer,
  metrics: ReceiverMetrics,
  transport: string,
): Promise<{ rejected: number; reason?: string }> {
  const { batch, rejected, reason } = checks[signal](bytes);
  if (rejected > 0) metrics.refused(signal, rejected, transport);
  if (batch.items > 0) {
    try {
      await next.consume(batch);
    } catch (error) {
      metrics.refused(signal, batch.items, transport);
      throw error;
    }
    metrics.accepted(signal, batch.items, transport);
  }
  return reason === undefined ? { rejected } : { rejected, reason };
}
