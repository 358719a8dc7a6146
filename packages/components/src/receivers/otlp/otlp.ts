import {
  type Component,
  type Consumer,
  defineReceiver,
  type Env,
  formatEndpoint,
  receiverMetrics,
  type ReceiverMetrics,
} from '@throughline/pipeline';
import {
  exportResponse,
  exportResponseJson,
  logsFromJson,
  rpcStatus,
  rpcStatusJson,
  type Signal,
  tracesFromJson,
} from '@throughline/wire';
import { Arrivals } from '../../net/arrivals.ts';
import { GrpcIntake, type Method } from '../../net/grpc-intake.ts';
import { HttpIntake, type Route } from '../../net/http-intake.ts';
import type { Outcome } from '../../net/outcome.ts';
import { type GrpcConfig, type HttpConfig, type OtlpConfig, otlpConfig } from './config.ts';
import { healthCheckOf, healthPath } from './health.ts';
import { takeIn } from './intake.ts';

/** Receives traces and logs over OTLP 1.x (opentelemetry-proto, docs/specification.md), by gRPC and by HTTP. */
export const otlp = defineReceiver({
  type: 'otlp',
  signals: ['traces', 'logs'],
  config: otlpConfig,
  create: (config, next, env) => new OtlpReceiver(config, next, env),
});

type Next = Partial<Record<Signal, Consumer>>;

/** One connection that sends nothing for so long in the middle of a request is dead. */
const stallMs = 60_000;
/** What all requests that are being received may hold together; never less than two of the largest. */
const arrivingBytes = 256 * 1024 * 1024;
const stopGraceMs = 2500;
const mib = 1024 * 1024;

class OtlpReceiver implements Component {
  readonly #env: Env;
  readonly #arrivals: Arrivals;
  readonly #http: HttpIntake | undefined;
  readonly #grpc: GrpcIntake | undefined;
  readonly #secure: { http: boolean; grpc: boolean };

  constructor({ protocols: { grpc, http } }: OtlpConfig, next: Next, env: Env) {
    this.#env = env;
    this.#secure = { http: http?.tls !== undefined, grpc: grpc?.tls !== undefined };
    const largest = Math.max((grpc?.maxRecvMsgSizeMib ?? 0) * mib, http?.maxRequestBodySize ?? 0);
    this.#arrivals = new Arrivals({
      maxBytes: Math.max(arrivingBytes, 2 * largest),
      stallMs,
      now: () => performance.now(),
    });
    const metrics = receiverMetrics(env);
    const count = env.meter.counter(
      'throughline_receiver_failed_requests',
      'Requests answered with an error, by gRPC status code.',
    );
    env.meter.gauge('throughline_receiver_arriving_bytes', 'Held for requests not yet answered.', () => [
      { value: this.#arrivals.bytes, labels: { receiver: env.id } },
    ]);
    const refused = (transport: string) => (outcome: Outcome) => {
      count(1, { receiver: env.id, transport, code: String(outcome.code) });
      env.log.warn('request refused', { transport, status: outcome.httpStatus, reason: outcome.message });
    };
    this.#http =
      http &&
      new HttpIntake(
        httpOptions(http),
        httpRoutes(http, next, metrics),
        this.#arrivals,
        env.log,
        refused('http'),
      );
    this.#grpc =
      grpc &&
      new GrpcIntake(grpcOptions(grpc), grpcMethods(next, metrics), this.#arrivals, env.log, refused('grpc'));
  }

  async start(): Promise<void> {
    this.#arrivals.start();
    const { id, listening } = this.#env;
    if (this.#grpc) {
      const endpoint = await this.#grpc.start(`receiver ${id} (OTLP/gRPC)`);
      listening({ what: 'OTLP/gRPC', url: urlOf(endpoint, this.#secure.grpc) });
    }
    if (this.#http) {
      const endpoint = await this.#http.start(`receiver ${id} (OTLP/HTTP)`);
      listening({ what: 'OTLP/HTTP', url: urlOf(endpoint, this.#secure.http) });
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#grpc?.stop(stopGraceMs), this.#http?.stop(stopGraceMs)]);
    this.#arrivals.stop();
  }
}

function urlOf(endpoint: Parameters<typeof formatEndpoint>[0], secure: boolean): string {
  return `${secure ? 'https' : 'http'}://${formatEndpoint(endpoint)}`;
}

const fromJson: Record<Signal, (body: Uint8Array) => Uint8Array> = {
  traces: tracesFromJson,
  logs: logsFromJson,
};

/** Only what a pipeline asks for has a path: anything else is not found here, as at a Collector. */
function httpRoutes(config: HttpConfig, next: Next, metrics: ReceiverMetrics): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  if (next.traces) routes.set(config.tracesUrlPath, httpRoute('traces', next.traces, metrics));
  if (next.logs) routes.set(config.logsUrlPath, httpRoute('logs', next.logs, metrics));
  return routes;
}

function httpRoute(signal: Signal, next: Consumer, metrics: ReceiverMetrics): Route {
  countFromZero(signal, metrics, 'http');
  return new Map([
    [
      'application/x-protobuf',
      {
        take: async (body) => {
          const { rejected, reason } = await takeIn(signal, body, next, metrics, 'http');
          return exportResponse(rejected, reason);
        },
        explain: rpcStatus,
      },
    ],
    [
      'application/json',
      {
        take: async (body) => {
          const { rejected, reason } = await takeIn(signal, fromJson[signal](body), next, metrics, 'http');
          return exportResponseJson(signal, rejected, reason);
        },
        explain: rpcStatusJson,
      },
    ],
  ]);
}

/** So that a dashboard sees the first increase as one. */
function countFromZero(signal: Signal, metrics: ReceiverMetrics, transport: string): void {
  metrics.accepted(signal, 0, transport);
  metrics.refused(signal, 0, transport);
}

const services: Record<Signal, string> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

function grpcMethods(next: Next, metrics: ReceiverMetrics): ReadonlyMap<string, Method> {
  const methods = new Map<string, Method>();
  const served = (['traces', 'logs'] as const).filter((signal) => next[signal]);
  for (const signal of served) {
    const consumer = next[signal]!;
    countFromZero(signal, metrics, 'grpc');
    methods.set(`/${services[signal]}/Export`, async (message) => {
      const { rejected, reason } = await takeIn(signal, message, consumer, metrics, 'grpc');
      return exportResponse(rejected, reason);
    });
  }
  methods.set(healthPath, healthCheckOf(served.map((signal) => services[signal])));
  return methods;
}

function httpOptions(config: HttpConfig) {
  return {
    endpoint: config.endpoint,
    transport: config.transport,
    tls: config.tls,
    cors: config.cors,
    maxBodyBytes: config.maxRequestBodySize,
    contentCodings: config.compressionAlgorithms.filter((name) => name !== ''),
    responseHeaders: config.responseHeaders,
    keepAlive: config.keepAlivesEnabled,
    headersTimeoutMs: config.readHeaderTimeout,
    requestTimeoutMs: config.readTimeout,
    idleTimeoutMs: config.idleTimeout,
  };
}

function grpcOptions(config: GrpcConfig) {
  const { serverParameters, enforcementPolicy } = config.keepalive;
  return {
    endpoint: config.endpoint,
    transport: config.transport,
    tls: config.tls,
    maxMessageBytes: config.maxRecvMsgSizeMib * mib,
    maxConcurrentStreams: config.maxConcurrentStreams,
    keepalive: {
      maxIdleMs: serverParameters.maxConnectionIdle,
      maxAgeMs: serverParameters.maxConnectionAge,
      maxAgeGraceMs: serverParameters.maxConnectionAgeGrace,
      pingIntervalMs: serverParameters.time,
      pingTimeoutMs: serverParameters.timeout,
      minPingIntervalMs: enforcementPolicy.minTime,
      permitPingWithoutCalls: enforcementPolicy.permitWithoutStream,
    },
  };
}
