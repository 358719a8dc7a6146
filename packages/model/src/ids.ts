/** 32 lower-case hex digits, not all zero. */
export type TraceId = string & { readonly __brand: 'TraceId' };
/** 16 lower-case hex digits, not all zero. */
export type SpanId = string & { readonly __brand: 'SpanId' };

/** The trace id written in `text` (16 or 32 hex digits, any case; short ones are padded on the left), or undefined. */
export function parseTraceId(text: string): TraceId | undefined {
  if (!/^([0-9a-fA-F]{16}|[0-9a-fA-F]{32})$/.test(text) || /^0+$/.test(text)) return undefined;
  return text.toLowerCase().padStart(32, '0') as TraceId;
}

/** The span id written in `text` (16 hex digits, any case), or undefined. */
export function parseSpanId(text: string): SpanId | undefined {
  if (!/^[0-9a-fA-F]{16}$/.test(text) || /^0+$/.test(text)) return undefined;
  return text.toLowerCase() as SpanId;
}
