import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapPropagator,
  propagation,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { SpanBatch } from '../export/span-batch.ts';
import { extract, inject } from '../messaging/propagate.ts';
import { flagRandomIds } from '../propagation/random-flag.ts';
import { MemberList } from '../propagation/trace-state.ts';
import { version } from '../version.ts';
import type { Survived } from './report.ts';

/** On every span of the doctor, and as baggage; so that probes can be told from what users do. */
export const mark = 'throughline.probe';
const member = 'throughline';

/** What is sent through one hop. */
export interface Sent {
  readonly span: Span;
  readonly context: Context;
  /** The headers in which the propagators in force put the context. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A trace of the doctor's own: one span, and under it one for every hop. */
export class Probe {
  readonly #propagator: TextMapPropagator;
  readonly #provider: TracerProvider;
  readonly #root: Span;
  readonly #context: Context;
  readonly #batch = new SpanBatch();

  constructor(propagator: TextMapPropagator) {
    this.#propagator = propagator;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'throughline-doctor' }),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [
        {
          onStart: () => {},
          onEnd: (span: ReadableSpan) => this.#batch.add(span),
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    flagRandomIds(this.#provider, true);
    this.#root = this.#start('doctor', SpanKind.INTERNAL, ROOT_CONTEXT);
    const traceState = new MemberList().set(member, 'probe');
    const marked = trace.setSpanContext(ROOT_CONTEXT, { ...this.#root.spanContext(), traceState });
    this.#context = propagation.setBaggage(marked, propagation.createBaggage({ [mark]: { value: 'true' } }));
  }

  get traceId(): string {
    return this.#root.spanContext().traceId;
  }

  /** Begins a span for a hop; `kind` says whether its other side answers. */
  send(name: string, kind: SpanKind): Sent {
    const span = this.#start(name, kind, this.#context);
    const context = trace.setSpan(this.#context, span);
    const headers = inject({}, { context, propagator: this.#propagator, baggage: true });
    return { span, context, headers };
  }

  /** Which part of what was sent is in the headers that came back. */
  survived({ headers: sent, span }: Sent, came: unknown): Survived {
    const context = extract(came, { propagator: this.#propagator });
    const found = trace.getSpanContext(context);
    const { traceId, spanId } = span.spanContext();
    return {
      traceId: found?.traceId === traceId && found.spanId === spanId,
      ...('tracestate' in sent && { tracestate: found?.traceState?.get(member) === 'probe' }),
      ...('baggage' in sent && {
        baggage: propagation.getBaggage(context)?.getEntry(mark)?.value === 'true',
      }),
    };
  }

  /** All spans that have ended since the last time, as an OTLP request. */
  request(): Buffer {
    return this.#batch.cut().body;
  }

  end(): void {
    this.#root.end();
  }

  #start(name: string, kind: SpanKind, parent: Context): Span {
    const tracer = this.#provider.getTracer('@throughline/node', version);
    return tracer.startSpan(name, { kind, attributes: { [mark]: true } }, parent);
  }
}

/** What a user is told of it. */
export function described({ traceId, tracestate, baggage }: Survived): string {
  if (!traceId) return 'the context is lost';
  const lost = [...(tracestate === false ? ['tracestate'] : []), ...(baggage === false ? ['baggage'] : [])];
  return lost.length === 0
    ? 'the whole context came through'
    : `the trace came through, but ${lost.join(' and ')} did not`;
}
