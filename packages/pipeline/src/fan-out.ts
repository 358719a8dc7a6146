import { InvalidData, Overloaded } from '@throughline/model';
import type { Consumer } from './component.ts';

/**
 * One consumer that hands each batch to all of `consumers`. Fails when one of them does, after all have answered:
 * with InvalidData when none will ever take it, otherwise so that the sender tries again; those that took the batch
 * then get it twice.
 */
export function fanOut(consumers: readonly Consumer[]): Consumer {
  const [only] = consumers;
  if (only && consumers.length === 1) return only;
  return {
    async consume(batch) {
      const results = await Promise.allSettled(consumers.map((consumer) => consumer.consume(batch)));
      const reasons = results.flatMap((result) =>
        result.status === 'rejected' ? [result.reason as unknown] : [],
      );
      if (reasons.length > 0) throw worst(reasons, consumers.length);
    },
  };
}

function worst(reasons: readonly unknown[], consumers: number): unknown {
  const retryable = reasons.filter((reason) => !(reason instanceof InvalidData));
  if (retryable.length === 0 && reasons.length === consumers) return reasons[0];
  const overloaded = retryable.filter((reason) => reason instanceof Overloaded);
  const slowest = overloaded.sort((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
  return (
    slowest ?? retryable[0] ?? new Error('one of several pipelines refused the batch', { cause: reasons[0] })
  );
}
