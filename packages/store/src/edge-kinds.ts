/**
 * What a row of the `edges` table says. The numbers are stored: append, never change one.
 *
 * Some rows are only worth something where better ones are missing, which is not known when they are written: weak ones
 * count the same messages as others might (a `send` beside a `create`, a `receive` before each `process`, what a consumer
 * links to), inferred ones say that a consumer's parent, which is no producer, must have published.
 */
export const edgeKinds = {
  /** A span's parent belongs to another service: caller and callee are services. */
  call: 0,
  /** Service → topic. */
  publish: 1,
  weakPublish: 2,
  inferredPublish: 3,
  /** Topic → service. */
  consume: 4,
  weakConsume: 5,
  /** Topic → topic: published under one name, consumed under the other (exchange and queue). */
  route: 6,
  /** Service → database: a client span that no span of another service answers. */
  database: 7,
  /** Service → a peer that sends no spans, likewise. */
  external: 8,
  /** Peer → the service that answered a call to it: the peer is that service. */
  alias: 9,
} as const;

/** The name of what was too much to be kept apart. */
export const otherName = '(other)';
/** The name of topics that exist for a moment, such as the inbox of a reply. */
export const temporaryName = '(temporary)';

/** How a topic or database stands in the table: system, blank, name; either may be empty. */
export function textOfPeer(system: string, name: string): string {
  return `${system.replaceAll(' ', '_')} ${name}`;
}

export function peerOfText(text: string): { readonly system: string; readonly name: string } {
  const blank = text.indexOf(' ');
  return { system: text.slice(0, Math.max(0, blank)), name: text.slice(blank + 1) };
}
