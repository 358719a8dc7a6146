import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import { type Telemetry, extract, injectString, otlpLogStream, start } from '@throughline/node';
import { type Log, alsoLogTo } from '../log.ts';
import type { Order } from '../order.ts';
import { settings } from '../settings.ts';
import { traceFile } from './trace-file.ts';
import type { Place, Tracing } from './tracing.ts';

/** Tracing by spans, for the process `name`, which is also the name of their scope. */
export function spans(name: string, log: Log): Tracing {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= settings.otlpEndpoint;
  const telemetry = start({
    serviceName: settings.serviceNames === 'one' ? 'ituna-tracing' : name,
    // The client of Kafka would be instrumented: here the context travels by hand.
    instrumentations: [],
    flushOnExit: false,
    ...(settings.traceFile && { spanProcessors: [traceFile(settings.traceFile)] }),
  });
  const logs = otlpLogStream();
  alsoLogTo((level, message) =>
    logs.write(JSON.stringify({ level: level.toLowerCase(), name, msg: message })),
  );
  return new Spans(trace.getTracer(name), telemetry, log);
}

class Spans implements Tracing {
  readonly #tracer: Tracer;
  readonly #telemetry: Telemetry;
  readonly #log: Log;

  constructor(tracer: Tracer, telemetry: Telemetry, log: Log) {
    this.#tracer = tracer;
    this.#telemetry = telemetry;
    this.#log = log;
  }

  begin<Result>(
    name: string,
    order: Order,
    place: Place,
    work: (order: Order) => Promise<Result>,
  ): Promise<Result> {
    const options = { kind: kindOf(place), attributes: attributesOf(order, place) };
    return this.#tracer.startActiveSpan(name, options, ROOT_CONTEXT, (span) =>
      // Made at the start, and passed on untouched: what continues the order is a child of this span.
      ended(span, () => work({ ...order, carrier: injectString() })),
    );
  }

  continue<Result>(
    name: string,
    order: Order,
    place: Place,
    work: (order: Order) => Promise<Result>,
  ): Promise<Result> {
    const parent = this.#contextOf(order);
    const options = {
      kind: kindOf(place),
      attributes: attributesOf(order, place),
      links: linksOf(order, parent),
    };
    return this.#tracer.startActiveSpan(name, options, parent, (span) =>
      ended(span, () => {
        const own = injectString();
        const carrier = settings.kitchenParent === 'chain' ? own : order.carrier;
        return work({ ...order, ...(carrier !== undefined && { carrier }), passed_on_by: own });
      }),
    );
  }

  step<Result>(name: string, attributes: Attributes, work: () => Promise<Result>): Promise<Result> {
    return this.#tracer.startActiveSpan(name, { attributes }, (span) => ended(span, work));
  }

  async stop(): Promise<void> {
    await this.#telemetry.shutdown(1500);
  }

  #contextOf(order: Order): Context {
    const context = extract(order.carrier);
    if (trace.getSpanContext(context) === undefined)
      this.#log.warn(`Order ${order.order_id} carries no context: a new trace begins`);
    return context;
  }
}

async function ended<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    span.recordException(error instanceof Error ? error : message);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
}

function kindOf({ into, outOf }: Place): SpanKind {
  if (settings.kinds === 'internal') return SpanKind.INTERNAL;
  if (outOf !== undefined) return SpanKind.CONSUMER;
  return into === undefined ? SpanKind.INTERNAL : SpanKind.PRODUCER;
}

function attributesOf(order: Order, { into, outOf }: Place): Attributes {
  const topic = outOf ?? into;
  return {
    'order.id': order.order_id,
    ...(settings.kinds === 'messaging' &&
      topic !== undefined && {
        'messaging.system': 'kafka',
        'messaging.destination.name': topic,
        'messaging.operation.name': outOf === undefined ? 'send' : 'process',
        'messaging.operation.type': outOf === undefined ? 'send' : 'process',
      }),
  };
}

/** To the span that put the order into the topic, where that is another than the parent. */
function linksOf(order: Order, parent: Context): Link[] {
  const from = trace.getSpanContext(extract(order.passed_on_by));
  if (!from || !isSpanContextValid(from) || from.spanId === trace.getSpanContext(parent)?.spanId) return [];
  return [{ context: from }];
}
