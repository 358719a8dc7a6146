import type { IngestResult } from './ingest.ts';
import type { QueryResult } from './query.ts';
import type { Kept } from './kept.ts';
import type { SdkResult } from './sdk.ts';
import type { StartupResult } from './startup.ts';
import type { UiResult } from './ui.ts';

/** The lines of README's table: what is measured, and the figure, each out of a kept result. */
export function figures(results: readonly Kept[]): [string, string][] {
  const result = <R>(benchmark: string) =>
    results.find((each) => each.benchmark === benchmark)?.result as R | undefined;
  return [
    ...ingestFigures(result<IngestResult>('ingest')),
    ...queryFigures(result<QueryResult>('query')),
    ...startupFigures(result<StartupResult>('startup')),
    ...uiFigures(result<UiResult>('ui')),
    ...sdkFigures(result<SdkResult>('sdk')),
  ];
}

function ingestFigures(result: IngestResult | undefined): [string, string][] {
  if (!result) return [];
  const { fast, steady, disk } = result;
  const grpc = fast.find(({ protocol }) => protocol === 'grpc')!;
  const calm = steady.find(({ protocol }) => protocol === 'grpc')!;
  return [
    [
      'OTLP/gRPC in, until it is durable and can be queried',
      `${number(grpc.spansPerCpuSecond)} spans per CPU-second, ${number(grpc.spansPerSecond)} spans/s with the generator beside it`,
    ],
    [
      'on disk, all tables, after merges',
      `${disk.find(({ table }) => table === 'all')!.merged} bytes per span`,
    ],
    [
      `acknowledged at ${number(calm.spansPerSecond)} spans/s`,
      `p50 ${calm.ackP50Ms} ms, p99 ${calm.ackP99Ms} ms`,
    ],
    [
      'from acknowledged to found',
      `${number(calm.freshMedianMs)} ms median, ${number(calm.freshSlowestMs)} ms slowest`,
    ],
    ['memory under that load, all processes', `${number(grpc.peakRssMb)} MB at most`],
  ];
}

function queryFigures(result: QueryResult | undefined): [string, string][] {
  if (!result) return [];
  return result.questions.map(({ question, medianMs }) => [
    `${question}, ${number(result.spans)} spans stored`,
    `${medianMs} ms median`,
  ]);
}

function startupFigures(result: StartupResult | undefined): [string, string][] {
  const first = result?.startup[0];
  if (!first) return [];
  return [
    ['start to ready', `${number(first.readyMedianMs)} ms`],
    [
      'memory when idle',
      `${number(first.idleRssMb)} MB, ${number(first.idleAnonymousMb)} MB of it anonymous`,
    ],
  ];
}

function uiFigures(result: UiResult | undefined): [string, string][] {
  if (!result) return [];
  return [
    [`a trace of ${number(result.spans)} spans, click to screen`, `${number(result.clickToScreenMs)} ms`],
    ['scrolling it, from frame to frame', `${result.scrollFrameMedianMs} ms`],
  ];
}

function sdkFigures(result: SdkResult | undefined): [string, string][] {
  if (!result) return [];
  const of = (exporter: string) =>
    result.cost.find((each) => each.exporter === exporter && each.wire === 'http/protobuf')!;
  const burst = (exporter: string) => result.burst.find((each) => each.exporter === exporter)!;
  const own = burst('throughline');
  return [
    [
      'a span in a Node service, start to exported (15 attributes, an event)',
      `${of('throughline').cpuMicrosPerSpan} µs CPU; official exporter ${of('official').cpuMicrosPerSpan} µs`,
    ],
    [
      `a burst of ${number(own.spans)} spans with usual settings`,
      `${number(own.dropped)} dropped; official exporter ${number(burst('official').dropped)}`,
    ],
  ];
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
