import { InvalidData, Overloaded } from '@throughline/model';
import type { Consumer } from './component.ts';

/**
 * One consumer that hands each batch to all of `consumers`. Fails when one of them does, after all have answered: so
 * that the sender tries again if that can help (those that took the batch then get it twice), otherwise with InvalidData.
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
      if (reasons.length > 0) throw mostHopeful(reasons);
    },
  };
}

function mostHopeful(reasons: readonly unknown[]): unknown {
  const retryable = reasons.filter((reason) => !(reason instanceof InvalidData));
  const overloaded = retryable.filter((reason) => reason instanceof Overloaded);
  const slowest = overloaded.sort((a, b) => b.retryAfterMs - a.retryAfterMs)[0];
  return slowest ?? retryable[0] ?? reasons[0];
}
