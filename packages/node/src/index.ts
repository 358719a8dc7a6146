export { shutdown, start, type Telemetry } from './start.ts';
export type { StartOptions } from './setup/settings.ts';
export type { DropReason, SpanCounts } from './export/span-counts.ts';
export {
  type BatchSettings,
  OtlpSpanProcessor,
  type OtlpSpanProcessorOptions,
} from './export/otlp-span-processor.ts';
export { type OtlpTarget, otlpTargetFromEnv } from './export/otlp-target.ts';
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
export type { KafkaConfig } from './messaging/kafka/config.ts';
export { traceKafkaJs } from './messaging/kafka/kafkajs.ts';
export { traceNats } from './messaging/nats/instrumentation.ts';
export type { NatsConfig } from './messaging/nats/types.ts';
export type { Envelope } from './messaging/redis/envelope.ts';
export { type RedisPublishOptions, type RedisPublisher, publish } from './messaging/redis/publish.ts';
export { type RedisSubscribeOptions, type Subscription, subscribe } from './messaging/redis/subscribe.ts';
export type { RedisSubscriber } from './messaging/redis/subscriber.ts';
export type { BatchSpans, Relation } from './messaging/settings.ts';
export { type PublishOptions, tracePublish } from './messaging/trace-publish.ts';
export { type ProcessOptions, traceProcess } from './messaging/trace-process.ts';
export { type LogStream, otlpLogStream } from './logs/otlp-log-stream.ts';
export type { DoctorOptions } from './doctor/options.ts';
export type { Finding, Report, Status, Survived } from './doctor/report.ts';
export { doctor, doctorCommand } from './doctor.ts';
