export { shutdown, start, type Telemetry } from './start.ts';
export type { StartOptions } from './setup/settings.ts';
export type { SpanCounts } from './export/span-counts.ts';
export type { InstrumentationConfigs } from './instrumentations/instrument.ts';
export type { GrpcCall, GrpcConfig } from './instrumentations/grpc.ts';
export type { NetworkPhases } from './network/network-trace.ts';
export { traceNetwork } from './network/trace-network.ts';
export { type TraceFields, traceFields } from './logs/trace-fields.ts';
export {
  type ExtractOptions,
  type InjectOptions,
  extract,
  inject,
  injectString,
} from './messaging/propagate.ts';
export type { MessageOptions } from './messaging/message.ts';
export type { Relation } from './messaging/settings.ts';
export { type PublishOptions, tracePublish } from './messaging/trace-publish.ts';
export { type ProcessOptions, traceProcess } from './messaging/trace-process.ts';
export { type LogStream, otlpLogStream } from './logs/otlp-log-stream.ts';
