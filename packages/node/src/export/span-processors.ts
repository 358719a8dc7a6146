import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { exporterNames, officialOtlp, otlpProtocol } from '../setup/exporters.ts';
import { batchFromEnv } from '../setup/limits.ts';
import { waitingFromEnv } from './from-env.ts';
import { OtlpSpanProcessor } from './otlp-span-processor.ts';
import { otlpTargetFromEnv } from './otlp-target.ts';
import { SpanTally } from './span-counts.ts';
import { type ExportWatch, type Exporter, observed } from './watch.ts';

/**
 * A processor for each exporter that OTEL_TRACES_EXPORTER names (otlp, console, none); otlp where it names none.
 * What becomes of the spans is counted for the first of them.
 */
export function spanProcessorsFromEnv(tally: SpanTally, watch: ExportWatch): SpanProcessor[] {
  return exporterNames('TRACES').map((name, index) => {
    const counts = index === 0 ? tally : new SpanTally();
    if (name === 'console') return officialBatch(new ConsoleSpanExporter(), counts, watch);
    const protocol = otlpProtocol('TRACES');
    if (protocol === 'http/json') return officialBatch(officialOtlp('TRACES', protocol), counts, watch);
    const target = otlpTargetFromEnv(protocol);
    return new OtlpSpanProcessor({
      target,
      batch: batchFromEnv('BSP'),
      ...waitingFromEnv(),
      tally: counts,
      watch,
    });
  });
}

/** OpenTelemetry's batch processor, which also waits for what its exporter has not sent yet. */
function officialBatch(
  exporter: Exporter<ReadableSpan>,
  tally: SpanTally,
  watch: ExportWatch,
): SpanProcessor {
  const outcome = (spans: number, result: ExportResult): void => {
    if (result.code === ExportResultCode.SUCCESS) tally.exported += spans;
    else tally.drop('failed', spans);
    watch.saw('spans', spans, result);
  };
  const counted = observed(exporter, outcome);
  const batch = new BatchSpanProcessor({ ...batchFromEnv('BSP'), exporter: counted });
  return {
    onStart: (span, parent) => batch.onStart(span, parent),
    onEnd: (span) => batch.onEnd(span),
    forceFlush: async () => {
      await batch.forceFlush();
      await counted.forceFlush();
    },
    shutdown: () => batch.shutdown(),
  };
}
