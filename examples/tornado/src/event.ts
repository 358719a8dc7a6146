import { Piece } from './config/piece.ts';
import type { Value, Values } from './matcher/value.ts';

/** What happened somewhere, on its way from a collector to the engine. */
export interface Event {
  type: string;
  /** Milliseconds since 1970. */
  created_ms: number;
  payload: Values;
  /** What is not the event itself: `trace_context` (an object with `traceparent` and `tracestate`), `tenant_id`. */
  metadata: Values;
}

/** What a rule wants done because of an event. */
export interface Action {
  id: string;
  payload: Values;
  /** Of its event. */
  created_ms: number;
}

export const newEvent = (type: string, payload: Values): Event => ({
  type,
  created_ms: Date.now(),
  payload,
  metadata: {},
});

/**
 * An event as a collector sends it; `metadata` may be left out, and `trace_id`, which old collectors have, means nothing
 * here. Throws what is wrong with it.
 */
export function parseEvent(value: unknown): Event {
  const piece = new Piece(value, 'event');
  const metadata = piece.at('metadata');
  return {
    type: piece.at('type').text(),
    created_ms: piece.at('created_ms').number(),
    payload: piece.at('payload').object() as Values,
    metadata: metadata.isMissing ? {} : (metadata.object() as Values),
  };
}

/** As rules see it. */
export const asValue = (event: Event): Value => ({ ...event }) as Values;
