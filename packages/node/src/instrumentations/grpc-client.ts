import { type Attributes, type Context, SpanKind, context, propagation, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Metadata } from '@grpc/grpc-js';
import { errorMonitor, type EventEmitter } from 'node:events';
import { type GrpcTracing, callAttributes, hostAndPort, metadataSetter, spanName } from './grpc-calls.ts';
import { type Outcome, endWith, status } from './grpc-status.ts';

type Request = (this: GrpcClient, ...args: unknown[]) => EventEmitter;
type Answered = (error: Outcome | null, ...rest: unknown[]) => void;

/** What all clients of grpc-js have, and which therefore is where calls are made. */
interface GrpcClient {
  getChannel(): { getTarget(): string };
  checkMetadataAndOptions(): { metadata: Metadata };
}

/** The four kinds of calls, and which of their arguments the metadata may be. */
export const requests = {
  makeUnaryRequest: { metadataAt: 4, callback: true },
  makeClientStreamRequest: { metadataAt: 3, callback: true },
  makeServerStreamRequest: { metadataAt: 4, callback: false },
  makeBidiStreamRequest: { metadataAt: 3, callback: false },
} as const;

/**
 * `request` with a CLIENT span around each call. The context goes into a copy of the metadata, which callers use again;
 * callbacks and listeners run in the caller's context.
 */
export function traceCalls(
  request: Request,
  { metadataAt, callback }: { metadataAt: number; callback: boolean },
  tracing: () => GrpcTracing,
): Request {
  return function (...args) {
    const caller = context.active();
    const path = String(args[0]);
    const given = isMetadata(args[metadataAt]) ? args[metadataAt] : undefined;
    const metadata = given?.clone() ?? this.checkMetadataAndOptions().metadata;
    const call = { side: 'client', path, metadata } as const;
    const { tracer, config } = tracing();
    if (isTracingSuppressed(caller) || config.ignore?.(call)) return request.apply(this, args);

    const attributes = { ...callAttributes(path), ...targetAttributes(this.getChannel().getTarget()) };
    const span = tracer.startSpan(spanName(path), { kind: SpanKind.CLIENT, attributes });
    config.requestHook?.(span, call);
    propagation.inject(trace.setSpan(caller, span), metadata, metadataSetter);
    // What stands there may also be left out, in so many words.
    args.splice(
      metadataAt,
      given || args[metadataAt] === undefined || args[metadataAt] === null ? 1 : 0,
      metadata,
    );
    let open = true;
    const end = (outcome: Outcome): void => {
      if (open) endWith(span, 'client', outcome);
      open = false;
    };
    if (callback) replaceCallback(args, end, caller);
    try {
      return watched(request.apply(this, args), end, caller);
    } catch (error) {
      end(error as Error);
      throw error;
    }
  };
}

function replaceCallback(args: unknown[], end: (outcome: Outcome) => void, caller: Context): void {
  const at = args.findLastIndex((each) => typeof each === 'function');
  const callback = args[at] as Answered | undefined;
  if (!callback || at < 3) return;
  args[at] = context.bind(caller, (error: Outcome | null, ...rest: unknown[]) => {
    end(error ?? { code: status.ok });
    callback(error, ...rest);
  });
}

function watched(call: EventEmitter, end: (outcome: Outcome) => void, caller: Context): EventEmitter {
  call.on(errorMonitor, end);
  call.on('status', end);
  return context.bind(caller, call);
}

function isMetadata(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && 'getMap' in value && 'clone' in value;
}

/** Of `dns:host:port`, `ipv4:address:port`, `host:port`, `unix:path`. */
function targetAttributes(target: string): Attributes {
  const address = target.replace(/^(?:[a-z][a-z0-9+.-]*:(?!\d+$))?(?:\/\/[^/]*\/)?/, '');
  const found = hostAndPort(address);
  return found ? { 'server.address': found.host, 'server.port': found.port } : { 'server.address': address };
}
