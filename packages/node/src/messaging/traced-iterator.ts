import type { Context, Span } from '@opentelemetry/api';
import { context as active } from '@opentelemetry/api';
import { Place, enter, standing } from './place.ts';
import { endOnce } from './run.ts';
import type { Processing } from './trace-process.ts';

/**
 * Messages of `source`, each in a span of its own: from when it is handed over until the next one is asked for, or the loop
 * is left. In the body of a `for await` loop the span's context is active. How the body ended cannot be seen from
 * here: an error that leaves the loop ends the span, but does not mark it.
 */
export class TracedIterator<Message> implements AsyncIterableIterator<Message> {
  readonly #source: AsyncIterator<Message>;
  readonly #start: (message: Message) => Processing | undefined;
  /** What is active around the loop. */
  readonly #around: Context = standing();
  #span: Span | undefined;
  /** The first call of `next` may share its caller's context with that one's caller; then it is given back. */
  #first: Place | undefined;
  #started = false;

  constructor(source: AsyncIterator<Message>, start: (message: Message) => Processing | undefined) {
    this.#source = source;
    this.#start = start;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // Not an async function: what it enters before it returns is what the loop's body runs in.
  next(): Promise<IteratorResult<Message>> {
    this.#end();
    const place = new Place(this.#around);
    if (!this.#started) this.#first = place;
    this.#started = true;
    const asked = active.with(this.#around, () => this.#source.next());
    enter(place);
    return asked.then((result) => {
      const processing = result.done ? undefined : this.#start(result.value);
      this.#span = processing?.span;
      if (processing) place.current = processing.context;
      return result;
    });
  }

  return(value?: unknown): Promise<IteratorResult<Message>> {
    this.#end();
    enter(this.#around);
    return this.#source.return?.(value) ?? Promise.resolve({ done: true, value });
  }

  #end(): void {
    if (this.#span) endOnce(this.#span);
    this.#span = undefined;
    if (this.#first) this.#first.current = this.#around;
    this.#first = undefined;
  }
}
