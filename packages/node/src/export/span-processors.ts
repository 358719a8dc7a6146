import { ExportResultCode } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { exporterNames, otlpProtocol } from '../setup/exporters.ts';
import { batchFromEnv } from '../setup/limits.ts';
import { waitingFromEnv } from './from-env.ts';
import { otlpFile } from './otlp-file.ts';
import { OtlpSpanProcessor } from './otlp-span-processor.ts';
import { otlpTargetFromEnv } from './otlp-target.ts';
import { SpanTally } from './span-counts.ts';
import { type ExportWatch, type Exporter, observed } from './watch.ts';

/**
 * A processor for each exporter that OTEL_TRACES_EXPORTER names (otlp, otlp_file, console, none); otlp where it names none.
 * What becomes of the spans is counted for the first of them.
 */
export function spanProcessorsFromEnv(tally: SpanTally, watch: ExportWatch): SpanProcessor[] {
  return exporterNames('TRACES').map((name, index) => {
    const counts = index === 0 ? tally : new SpanTally();
    if (name === 'otlp_file') return inBatches(otlpFile('TRACES'), counts, watch);
    if (name === 'console') return inBatches(new ConsoleSpanExporter(), counts, watch);
    const target = otlpTargetFromEnv(otlpProtocol('TRACES'));
    return new OtlpSpanProcessor({
      target,
      batch: batchFromEnv('BSP'),
      ...waitingFromEnv(),
      tally: counts,
      watch,
    });
  });
}

/** What is for looking at goes the usual way. */
function inBatches(to: Exporter<ReadableSpan>, tally: SpanTally, watch: ExportWatch): SpanProcessor {
  const exporter = observed(to, (spans, result) => {
    if (result.code === ExportResultCode.SUCCESS) tally.exported += spans;
    else tally.drop('failed', spans);
    watch.saw('spans', spans, result);
  });
  return new BatchSpanProcessor({ ...batchFromEnv('BSP'), exporter });
}
