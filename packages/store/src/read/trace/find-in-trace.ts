import type { Attributes, AttributeValue, Span, SpanId, TraceId } from '@throughline/model';
import { serviceOf } from '@throughline/model';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { readSpans } from './stored-spans.ts';
import { placeOf } from './trace-place.ts';
import type { ReadOptions } from '../trace-store.ts';

/** Looks through the whole of every span, as what the engine keeps in OTLP's form is text only once it is decoded. */
export async function findInTrace(
  engine: Engine,
  id: TraceId,
  text: string,
  options: ReadOptions = {},
): Promise<SpanId[] | undefined> {
  const place = await placeOf(engine, id, options);
  if (!place) return undefined;
  const bound = new Bound();
  const spans = await readSpans(engine, place.where(bound), bound, options);
  const wanted = text.toLowerCase();
  const contains = (value: string) => value.toLowerCase().includes(wanted);
  return spans.filter((span) => textsOf(span).some(contains)).map(({ spanId }) => spanId);
}

function textsOf(span: Span): string[] {
  return [
    span.name,
    serviceOf(span.resource),
    span.spanId,
    span.parentSpanId ?? '',
    span.statusMessage,
    span.kind,
    span.scope.name,
    ...attributeTexts(span.attributes),
    ...attributeTexts(span.resource.attributes),
    ...span.events.flatMap((event) => [event.name, ...attributeTexts(event.attributes)]),
    ...span.links.flatMap((link) => [link.traceId, link.spanId, ...attributeTexts(link.attributes)]),
  ];
}

/** Keys, values, and `key=value` as it is typed. */
function attributeTexts(attributes: Attributes): string[] {
  return Object.entries(attributes).map(([key, value]) => `${key}=${valueText(value)}`);
}

function valueText(value: AttributeValue): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return Array.isArray(value)
    ? value.map(valueText).join(' ')
    : attributeTexts(value as Attributes).join(' ');
}
