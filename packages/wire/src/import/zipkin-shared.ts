import { createHash } from 'node:crypto';
import type { SpanId } from '@throughline/model';
import type { Draft } from './zipkin-draft.ts';

/**
 * Zipkin lets the two sides of a call share a span id. Here the server's side becomes a child of the client's, with an
 * id made of theirs, and what the server called becomes its child:
 *
 * ```
 * web: CLIENT id 2           web: CLIENT id 2
 * api: SERVER id 2    →        api: SERVER id 2'
 * api: CLIENT id 3, parent 2     api: CLIENT id 3
 * ```
 */
export function apartFromClients(drafts: readonly Draft[]): Draft[] {
  const sides = new Map<string, { client?: Draft; server?: Draft }>();
  for (const draft of drafts) {
    const { kind } = draft.span;
    if (kind !== 'client' && kind !== 'server') continue;
    const key = keyOf(draft, draft.span.spanId);
    const both = sides.get(key) ?? {};
    both[kind] ??= draft;
    sides.set(key, both);
  }
  const pairs = new Map<string, { client: Draft; server: Draft; serverId: SpanId }>();
  for (const [key, { client, server }] of sides)
    if (client && server) pairs.set(key, { client, server, serverId: idFor(key) });
  if (pairs.size === 0) return [...drafts];
  return drafts.map((draft) => {
    const { span } = draft;
    const own = pairs.get(keyOf(draft, span.spanId));
    if (own?.server === draft) {
      const attributes = { ...span.attributes, 'zipkin.span_id': span.spanId };
      return { ...draft, span: { ...span, attributes, spanId: own.serverId, parentSpanId: span.spanId } };
    }
    const above = span.parentSpanId && pairs.get(keyOf(draft, span.parentSpanId));
    if (
      !above ||
      serviceOf(draft) !== serviceOf(above.server) ||
      serviceOf(above.client) === serviceOf(draft)
    )
      return draft;
    return { ...draft, span: { ...span, parentSpanId: above.serverId } };
  });
}

function keyOf({ span }: Draft, spanId: SpanId): string {
  return `${span.traceId} ${spanId}`;
}

function serviceOf({ span }: Draft): unknown {
  return span.resource.attributes['service.name'];
}

/** The same for the same pair, so that a file that is read twice has the same spans. */
function idFor(key: string): SpanId {
  return createHash('sha256').update(`${key} server`).digest('hex').slice(0, 16) as SpanId;
}
