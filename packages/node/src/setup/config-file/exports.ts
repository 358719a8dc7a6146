import type {
  LogRecordExporterConfigModel,
  NameStringValuePairConfigModel,
  SpanExporterConfigModel,
} from '@opentelemetry/configuration';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import type { Signal } from '../signal.ts';
import { under, warnOfOthers } from './section.ts';
import { type Variables, given } from './variables.ts';

type Exporter = SpanExporterConfigModel | LogRecordExporterConfigModel;
interface Batch {
  schedule_delay?: number | null;
  export_timeout?: number | null;
  max_queue_size?: number | null;
  max_export_batch_size?: number | null;
  exporter: Exporter;
}
interface Processor {
  batch?: Batch;
  simple?: { exporter: Exporter };
}
/** What exporters over HTTP and over gRPC have in common. */
interface Otlp {
  endpoint?: string | null;
  headers?: NameStringValuePairConfigModel[];
  headers_list?: string | null;
  compression?: string | null;
  timeout?: number | null;
  tls?: {
    ca_file?: string | null;
    key_file?: string | null;
    cert_file?: string | null;
    insecure?: boolean | null;
  } | null;
}

/** For each processor that is supported, the variables that would ask for it; what is not supported is said. */
export function exportsOf(signal: Signal, processors: readonly Processor[], path: string): Variables[] {
  return processors.flatMap((processor, index) => {
    const at = under(path, index);
    warnOfOthers(processor, at, ['batch', 'simple']);
    const { batch, simple } = processor;
    if (batch) return exporterOf(signal, batch.exporter, `${at}.batch.exporter`, batchOf(signal, batch));
    // A simple processor exports each item as soon as it has ended.
    const single = batchOf(signal, { schedule_delay: 0, max_export_batch_size: 1 });
    return simple ? exporterOf(signal, simple.exporter, `${at}.simple.exporter`, single) : [];
  });
}

function batchOf(signal: Signal, batch: Omit<Batch, 'exporter'>): Variables {
  const prefix = signal === 'TRACES' ? 'OTEL_BSP' : 'OTEL_BLRP';
  return given({
    [`${prefix}_SCHEDULE_DELAY`]: batch.schedule_delay,
    [`${prefix}_EXPORT_TIMEOUT`]: batch.export_timeout,
    [`${prefix}_MAX_QUEUE_SIZE`]: batch.max_queue_size,
    [`${prefix}_MAX_EXPORT_BATCH_SIZE`]: batch.max_export_batch_size,
  });
}

function exporterOf(signal: Signal, exporter: Exporter, path: string, batch: Variables): Variables[] {
  warnOfOthers(exporter, path, ['otlp_http', 'otlp_grpc', 'otlp_file/development', 'console']);
  const { otlp_http: http, otlp_grpc: grpc, 'otlp_file/development': file, console } = exporter;
  const name = `OTEL_${signal}_EXPORTER`;
  if (console !== undefined) return [{ ...batch, [name]: 'console' }];
  if (file !== undefined)
    return [{ ...batch, [name]: 'otlp_file', ...given({ THROUGHLINE_OTLP_FILE: file?.output_stream }) }];
  if (http === undefined && grpc === undefined) return [];
  const protocol = grpc !== undefined ? 'grpc' : http?.encoding === 'json' ? 'http/json' : 'http/protobuf';
  return [
    { ...batch, [name]: 'otlp', ...otlpOf(`OTEL_EXPORTER_OTLP_${signal}`, protocol, http ?? grpc ?? {}) },
  ];
}

function otlpOf(prefix: string, protocol: string, exporter: Otlp): Variables {
  return given({
    [`${prefix}_PROTOCOL`]: protocol,
    [`${prefix}_ENDPOINT`]: exporter.endpoint,
    [`${prefix}_HEADERS`]: headersOf(exporter),
    [`${prefix}_COMPRESSION`]: exporter.compression,
    // There, none is without end.
    [`${prefix}_TIMEOUT`]: exporter.timeout === 0 ? 2 ** 31 - 1 : exporter.timeout,
    [`${prefix}_CERTIFICATE`]: exporter.tls?.ca_file,
    [`${prefix}_CLIENT_KEY`]: exporter.tls?.key_file,
    [`${prefix}_CLIENT_CERTIFICATE`]: exporter.tls?.cert_file,
    [`${prefix}_INSECURE`]: exporter.tls?.insecure,
  });
}

/** Those of the list first, which the named ones replace. */
function headersOf({ headers = [], headers_list: list }: Otlp): string | undefined {
  const named = headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  const all = { ...parseKeyPairsIntoRecord(list ?? undefined), ...Object.fromEntries(named) };
  const pairs = Object.entries(all).map((pair) => pair.map(encodeURIComponent).join('='));
  return pairs.length > 0 ? pairs.join(',') : undefined;
}
