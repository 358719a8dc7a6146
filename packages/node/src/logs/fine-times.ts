import type { HrTime } from '@opentelemetry/api';
import type { LogRecordProcessor, SdkLogRecord } from '@opentelemetry/sdk-logs';
import { elapsedMs, fineNow } from '../clock.ts';

/** So long may a line be on its way from the logger to here. */
const justNowMs = 20;

/**
 * Gives records of just now a time finer than the whole millisecond that loggers tell: else a line would stand before
 * the span that it was written in. The first of the processors, so that the others see it.
 */
export class FineTimes implements LogRecordProcessor {
  onEmit(record: SdkLogRecord): void {
    if (record.hrTime[1] % 1e6 !== 0) return;
    const now = fineNow();
    const ageMs = elapsedMs(record.hrTime, now);
    if (ageMs >= 0 && ageMs < justNowMs) (record as { hrTime: HrTime }).hrTime = now;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
