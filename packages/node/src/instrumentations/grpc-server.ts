import { type Attributes, ROOT_CONTEXT, SpanKind, context, propagation, trace } from '@opentelemetry/api';
import type { Metadata } from '@grpc/grpc-js';
import { errorMonitor, type EventEmitter } from 'node:events';
import { type GrpcTracing, callAttributes, hostAndPort, metadataGetter, spanName } from './grpc-calls.ts';
import { type Outcome, endWith, status } from './grpc-status.ts';

type ServerCall = EventEmitter & { metadata: Metadata; getPeer(): string };
type Answer = (error: Outcome | null, ...rest: unknown[]) => void;
type Handler = (this: unknown, call: ServerCall, answer?: Answer) => unknown;

/** `handler` of the method at `path`, with a SERVER span around each call, in which it runs and its streams emit. */
export function traceHandler(path: string, handler: Handler, tracing: () => GrpcTracing): Handler {
  return function (this: unknown, call, answer) {
    const { tracer, config } = tracing();
    const described = { side: 'server', path, metadata: call.metadata } as const;
    if (config.ignore?.(described)) return handler.call(this, call, answer);
    const remote = propagation.extract(ROOT_CONTEXT, call.metadata, metadataGetter);
    const attributes = { ...callAttributes(path), ...peerAttributes(call.getPeer()) };
    const span = tracer.startSpan(spanName(path), { kind: SpanKind.SERVER, attributes }, remote);
    config.requestHook?.(span, described);
    let open = true;
    const end = (outcome: Outcome): void => {
      if (open) endWith(span, 'server', outcome);
      open = false;
    };
    const active = trace.setSpan(remote, span);
    call.on(errorMonitor, end);
    call.on('cancelled', () => end({ code: status.cancelled }));
    if (!answer) call.on('finish', () => end({ code: status.ok }));
    const answered: Answer = (error, ...rest) => {
      end(error ? { ...error, message: error.message } : { code: status.ok });
      answer?.(error, ...rest);
    };
    return context.with(active, () => {
      try {
        return handler.call(this, context.bind(active, call), answer && answered);
      } catch (error) {
        end({ message: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    });
  };
}

function peerAttributes(peer: string): Attributes {
  const found = hostAndPort(peer);
  return found
    ? {
        'client.address': found.host,
        'client.port': found.port,
        'network.peer.address': found.host,
        'network.peer.port': found.port,
      }
    : {};
}
