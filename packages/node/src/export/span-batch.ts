import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { BufferPool } from './buffer-pool.ts';
import { encodeResource, encodeScope, encodeSpan } from './encode-span.ts';
import { ProtoWriter } from './proto-writer.ts';

/** A whole ExportTraceServiceRequest. */
export interface Encoded {
  readonly body: Buffer;
  readonly spans: number;
}

/** The spans of one scope, encoded, and what goes before and after them. */
interface Scoped {
  readonly spans: ProtoWriter;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** Buffers that are kept for the next request. Applications that make up scopes as they go must not make them add up. */
const maxScopes = 256;
const maxIdleBytes = 8_000_000;

/**
 * Spans that become a request: each is encoded at once, behind those of its resource and scope.
 *
 *     resource ─ scope ─ [span span span …]
 *              └ scope ─ [span …]
 */
export class SpanBatch {
  /** Spans since the last `cut`. */
  spans = 0;
  /** Their bytes. */
  bytes = 0;
  readonly #pool: BufferPool;
  readonly #resources = new Map<Resource, Map<InstrumentationScope, Scoped>>();
  #lastResource: Resource | undefined;
  #lastScope: InstrumentationScope | undefined;
  #last: Scoped | undefined;
  #scopes = 0;

  constructor(pool = new BufferPool()) {
    this.#pool = pool;
  }

  /** Hot: runs once per span. Throws, and is as before, where the application put something into it that is no span. */
  add(span: ReadableSpan): void {
    const { spans } = this.#of(span.resource, span.instrumentationScope);
    const before = spans.length;
    try {
      encodeSpan(spans, span);
    } catch (error) {
      spans.length = before;
      throw error;
    }
    this.bytes += spans.length - before;
    this.spans++;
  }

  #of(resource: Resource, scope: InstrumentationScope): Scoped {
    if (this.#last && this.#lastScope === scope && this.#lastResource === resource) return this.#last;
    let scopes = this.#resources.get(resource);
    if (!scopes) this.#resources.set(resource, (scopes = new Map()));
    let scoped = scopes.get(scope);
    if (!scoped) {
      scopes.set(
        scope,
        (scoped = { spans: new ProtoWriter(), head: headOf(scope), tail: schemaUrl(scope.schemaUrl) }),
      );
      this.#scopes++;
    }
    this.#lastResource = resource;
    this.#lastScope = scope;
    return (this.#last = scoped);
  }

  /** The request with all spans since the last time; their buffers are used again. */
  cut(): Encoded {
    const parts = [...this.#resources].map(([resource, scopes]) => {
      const own = [...scopes.values()].filter(({ spans }) => spans.length > 0);
      const size = own.reduce((sum, each) => sum + sizeOf(each) + 10, 0);
      return { resource, own, size };
    });
    const bytes = parts.reduce((sum, { size }) => sum + size + 2000, 0);
    const request = new ProtoWriter(this.#pool.take(bytes));
    for (const { resource, own } of parts) if (own.length > 0) writeResourceSpans(request, resource, own);
    const encoded = { body: request.bytes.subarray(0, request.length), spans: this.spans };
    this.#clear();
    return encoded;
  }

  #clear(): void {
    let idleBytes = 0;
    for (const scopes of this.#resources.values())
      for (const { spans } of scopes.values()) {
        spans.clear();
        idleBytes += spans.bytes.length;
      }
    this.spans = 0;
    this.bytes = 0;
    if (this.#scopes <= maxScopes && idleBytes <= maxIdleBytes) return;
    this.#resources.clear();
    this.#scopes = 0;
    this.#last = undefined;
  }
}

function writeResourceSpans(to: ProtoWriter, resource: Resource, scopes: readonly Scoped[]): void {
  to.room(20);
  to.byte(0x0a);
  const opened = to.open(scopes.reduce((sum, each) => sum + sizeOf(each), 2000));
  encodeResource(to, resource);
  for (const each of scopes) {
    to.room(20);
    to.byte(0x12);
    to.varint(sizeOf(each));
    to.raw(each.head);
    to.raw(each.spans.bytes.subarray(0, each.spans.length));
    to.raw(each.tail);
  }
  to.raw(schemaUrl(resource.schemaUrl));
  to.close(opened);
}

const sizeOf = ({ head, spans, tail }: Scoped): number => head.length + spans.length + tail.length;

function headOf(scope: InstrumentationScope): Uint8Array {
  const writer = new ProtoWriter(Buffer.alloc(200));
  encodeScope(writer, scope);
  return writer.bytes.subarray(0, writer.length);
}

/** The field `schema_url` of ResourceSpans and of ScopeSpans; nothing where there is none. */
function schemaUrl(url: string | undefined): Uint8Array {
  const writer = new ProtoWriter(Buffer.alloc(20));
  if (url) {
    writer.byte(0x1a);
    writer.string(url);
  }
  return writer.bytes.subarray(0, writer.length);
}
