import { isObject, type JsonObject } from './values.ts';
import { isOtlp } from './otlp.ts';
import { isThroughlineTrace } from './throughline-json.ts';

export type ImportFormat = 'otlp' | 'jaeger' | 'zipkin' | 'throughline';

/** What a document is recognised as. */
export type Recognised =
  | { readonly format: 'otlp'; readonly request: JsonObject; readonly inside: string }
  | { readonly format: 'jaeger'; readonly trace: JsonObject; readonly inside: string }
  | { readonly format: 'throughline'; readonly trace: JsonObject; readonly inside: string }
  | { readonly format: 'zipkin'; readonly spans: readonly unknown[]; readonly inside: string };

/** Whether anything in the document is recognised. */
export function isImportable(document: unknown): boolean {
  for (const _ of recognised(document)) return true;
  return false;
}

/** What the document consists of; `inside` is where each part stands in it. Nothing, where it is of no known kind. */
export function* recognised(document: unknown, inside = ''): Generator<Recognised> {
  if (Array.isArray(document)) {
    const list = document as readonly unknown[];
    if (list.some(isZipkinSpan)) yield { format: 'zipkin', spans: list, inside };
    else if (list.some(isJaegerSpan)) yield { format: 'jaeger', trace: { spans: list }, inside };
    else for (const [n, each] of list.entries()) yield* recognised(each, `${inside}[${n}]`);
    return;
  }
  if (!isObject(document)) return;
  const below = (name: string) => (inside === '' ? name : `${inside}.${name}`);
  if (isOtlp(document)) yield { format: 'otlp', request: document, inside };
  else if (isOtlpGroup(document, 'Spans'))
    yield { format: 'otlp', request: { resourceSpans: [document] }, inside };
  else if (isOtlpGroup(document, 'Logs'))
    yield { format: 'otlp', request: { resourceLogs: [document] }, inside };
  else if (isThroughlineTrace(document)) yield { format: 'throughline', trace: document, inside };
  else if (isJaegerTrace(document)) yield { format: 'jaeger', trace: document, inside };
  else if (isZipkinSpan(document)) yield { format: 'zipkin', spans: [document], inside };
  else if (isJaegerSpan(document)) yield { format: 'jaeger', trace: { spans: [document] }, inside };
  else if (Array.isArray(document['data'])) yield* recognised(document['data'], below('data'));
}

function isOtlpGroup(document: JsonObject, what: 'Spans' | 'Logs'): boolean {
  return Array.isArray(document[`scope${what}`]) || Array.isArray(document[`scope_${what.toLowerCase()}`]);
}

function isJaegerTrace(document: JsonObject): boolean {
  const { spans, processes, traceID } = document;
  return (
    Array.isArray(spans) && (isObject(processes) || typeof traceID === 'string' || spans.some(isJaegerSpan))
  );
}

function isJaegerSpan(value: unknown): boolean {
  return isObject(value) && 'spanID' in value && ('operationName' in value || 'traceID' in value);
}

function isZipkinSpan(value: unknown): boolean {
  return isObject(value) && 'traceId' in value && 'id' in value;
}
