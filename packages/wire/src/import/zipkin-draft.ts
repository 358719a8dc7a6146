import type { Span } from '@throughline/model';

/** A span that may still lack a start: Zipkin leaves it out of the part of a shared span that came too early. */
export interface Draft {
  readonly span: Omit<Span, 'start'>;
  readonly start: bigint | undefined;
  readonly place: string;
}
