import { TreeInterpreter, compile, type JSONValue } from '@jmespath-community/jmespath';
import type { Piece } from '../config/piece.ts';
import { type Event, newEvent } from '../event.ts';
import { compiled } from '../matcher/operator.ts';
import { type Value, isMap } from '../matcher/value.ts';

/** Makes an event of what was received; throws why it cannot. */
export type EventTemplate = (received: Value) => Event;

type Part = (received: Value) => Value;

/**
 * A collector's template, `{event_type, payload}`: a text that is `${…}` as a whole is a JMESPath expression on what was
 * received, all else is taken as it is.
 */
export function compileEventTemplate(piece: Piece): EventTemplate {
  piece.only('event_type', 'payload');
  const typeOf = compilePart(piece.at('event_type'));
  const payloadOf = compilePart(piece.at('payload'));
  return (received) => {
    const type = typeOf(received);
    if (typeof type !== 'string')
      throw new Error(`the type of the event is no text: ${JSON.stringify(type)}`);
    const payload = payloadOf(received);
    if (!isMap(payload)) throw new Error('the payload of the event is no object');
    return newEvent(type, payload);
  };
}

function compilePart(piece: Piece): Part {
  const value = piece.value as Value | undefined;
  if (value === undefined) piece.fail('is missing');
  if (Array.isArray(value)) {
    const parts = piece.list().map(compilePart);
    return (received) => parts.map((part) => part(received));
  }
  if (typeof value === 'object' && value !== null) {
    const parts = piece.entries().map(([key, part]) => [key, compilePart(part)] as const);
    return (received) => Object.fromEntries(parts.map(([key, part]) => [key, part(received)]));
  }
  const [, expression] = typeof value === 'string' ? (/^\$\{(.*)\}$/s.exec(value) ?? []) : [];
  if (expression === undefined) return () => value ?? null;
  const node = compiled(piece, () => compile(expression));
  return (received) => TreeInterpreter.search(node, received as JSONValue) as Value;
}
