import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { elapsedMs, fineNow } from '../clock.ts';

type What = 'spans' | 'log records';

/**
 * Says in one loud line when exports begin to fail and in one when they work again, for all signals together: silence
 * in between, because a service must not drown its own log.
 */
export class ExportWatch {
  #failingSince: [number, number] | undefined;
  #lost = 0;
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#say = say;
  }

  /** An export of `items` had the outcome `result`; what fails is lost. */
  saw(what: What, items: number, result: ExportResult): void {
    if (result.code === ExportResultCode.SUCCESS) return this.worked(what);
    this.lost(items);
    this.failed(what, result.error, 'what is exported until it works is lost');
  }

  /** An attempt failed; `then` is what becomes of what could not be sent. */
  failed(what: What, error: Error | undefined, then: string): void {
    if (this.#failingSince) return;
    this.#failingSince = fineNow();
    this.#say(`throughline: cannot export ${what}: ${reason(error)}; ${then}`);
  }

  /** So many will never be sent. */
  lost(items: number): void {
    this.#lost += items;
  }

  worked(what: What): void {
    if (!this.#failingSince) return;
    const seconds = (elapsedMs(this.#failingSince, fineNow()) / 1000).toFixed(1);
    const lost = this.#lost === 0 ? 'none were lost' : `${this.#lost} were lost`;
    this.#say(`throughline: exporting ${what} again after ${seconds} s; ${lost}`);
    this.#failingSince = undefined;
    this.#lost = 0;
  }
}

function reason(error: Error | undefined): string {
  if (!error) return 'no reason given';
  const { code: given } = error as { code?: string | number };
  const code = given === undefined ? '' : ` (${given})`;
  const inner = error instanceof AggregateError ? error.errors.map((each) => String(each.message)) : [];
  return (error.message || inner.join(', ') || error.name) + code;
}

/** What exporters of spans and of log records have in common. */
export interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** `exporter`, with the number and outcome of everything it exports told to `outcome`. */
export function observed<Item>(
  exporter: Exporter<Item>,
  outcome: (items: number, result: ExportResult) => void,
): Required<Exporter<Item>> {
  return {
    export: (items, done) =>
      exporter.export(items, (result) => {
        outcome(items.length, result);
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
