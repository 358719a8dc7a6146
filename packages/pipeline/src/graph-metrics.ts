import type { Meter, Sample } from './component.ts';
import type { PipelineStatus } from './pipeline.ts';

/** Gauges of the journals, read at each scrape. */
export function meterPipelines(meter: Meter, read: () => readonly PipelineStatus[]): void {
  const gauge = (name: string, help: string, value: (status: PipelineStatus) => number) =>
    meter.gauge(name, help, () =>
      read().map((status): Sample => ({ value: value(status), labels: { pipeline: status.pipeline } })),
    );
  gauge('throughline_journal_bytes', 'Size of the journal on disk.', (status) => status.bytes);
  gauge('throughline_journal_limit_bytes', 'Size that the journal may reach.', (status) => status.maxBytes);
  gauge('throughline_journal_segments', 'Files of the journal.', (status) => status.segments);
  gauge(
    'throughline_journal_appended_bytes',
    'Bytes appended since the start.',
    (status) => status.appendedBytes,
  );
  gauge(
    'throughline_journal_appended_records',
    'Batches appended since the start.',
    (status) => status.appendedRecords,
  );
  gauge('throughline_journal_syncs', 'Group commits since the start.', (status) => status.syncs);
  gauge(
    'throughline_journal_waiting_bytes',
    'Bytes of batches that are not durable yet.',
    (status) => status.waitingBytes,
  );
  gauge(
    'throughline_journal_damaged_bytes',
    'Bytes found unreadable at the start.',
    (status) => status.damagedBytes,
  );
  meter.gauge('throughline_journal_lag_bytes', 'Bytes that wait for an exporter.', () =>
    read().flatMap(({ pipeline, consumers }) =>
      consumers.map(({ exporter, lagBytes }): Sample => ({
        value: lagBytes,
        labels: { pipeline, exporter },
      })),
    ),
  );
}
