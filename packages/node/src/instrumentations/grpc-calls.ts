import type { Attributes, Span, TextMapGetter, TextMapSetter, Tracer } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { Metadata } from '@grpc/grpc-js';

/** A gRPC call as the configuration's functions see it. */
export interface GrpcCall {
  side: 'client' | 'server';
  /** `/package.Service/Method` */
  path: string;
  /** What the caller sends along; keys are lower-case. */
  metadata: Metadata;
}

export interface GrpcConfig extends InstrumentationConfig {
  /** Calls of which no span is to be made and to which no context is added. */
  ignore?: (call: GrpcCall) => boolean;
  /** Called with the span that was made for a call, before the call goes on: to rename it, to add attributes. */
  requestHook?: (span: Span, call: GrpcCall) => void;
}

/** What both sides need of the instrumentation. */
export interface GrpcTracing {
  tracer: Tracer;
  config: GrpcConfig;
}

/** `/package.Service/Method` is called `package.Service/Method`. */
export const spanName = (path: string): string => path.replace(/^\//, '');

/** Those that have been in use for long and those of the present conventions, as far as they do not contradict. */
export function callAttributes(path: string): Attributes {
  const [service = '', method = ''] = spanName(path).split('/');
  return {
    'rpc.system': 'grpc',
    'rpc.system.name': 'grpc',
    'rpc.service': service,
    'rpc.method': method,
  };
}

export const metadataSetter: TextMapSetter<Metadata> = {
  set: (metadata, key, value) => metadata.set(key, value),
};

export const metadataGetter: TextMapGetter<Metadata> = {
  get: (metadata, key) => metadata.get(key).map(String),
  keys: (metadata) => Object.keys(metadata.getMap()),
};

/** `127.0.0.1:50051` or `[::1]:50051`; undefined for what is no such thing, as a path is. */
export function hostAndPort(address: string): { host: string; port: number } | undefined {
  const [, host, port] = /^\[?([^[\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  return host && port ? { host, port: Number(port) } : undefined;
}
