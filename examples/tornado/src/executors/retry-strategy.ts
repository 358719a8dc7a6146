import type { Piece } from '../config/piece.ts';

/** Milliseconds to wait after so many failed attempts; `undefined`: not tried again. */
export type RetryStrategy = (failedAttempts: number) => number | undefined;

/** `retry_strategy` in the configuration: how often (`retry_policy`), and after how long (`backoff_policy`). */
export function parseRetryStrategy(piece: Piece): RetryStrategy {
  if (!piece.isMissing) piece.only('retry_policy', 'backoff_policy');
  const retries = parseRetries(piece.at('retry_policy'));
  const backoff = parseBackoff(piece.at('backoff_policy'));
  return (failedAttempts) => (failedAttempts > retries ? undefined : backoff(failedAttempts));
}

function parseRetries(piece: Piece): number {
  const type = piece.at('type').oneOf(['MaxRetries', 'None', 'Infinite'], 'MaxRetries');
  if (type === 'None') return 0;
  return type === 'Infinite' ? Infinity : piece.at('retries').number(20);
}

function parseBackoff(piece: Piece): (failedAttempts: number) => number {
  const type = piece.at('type').oneOf(['Exponential', 'None', 'Fixed', 'Variable'], 'Exponential');
  const ms = piece.at('ms');
  switch (type) {
    case 'None':
      return () => 0;
    case 'Fixed': {
      const always = ms.number();
      return () => always;
    }
    case 'Variable': {
      const each = ms.list().map((one) => one.number());
      return (failedAttempts) => each[failedAttempts - 1] ?? each.at(-1) ?? 0;
    }
    case 'Exponential': {
      const first = ms.number(1000);
      const multiplier = piece.at('multiplier').number(2);
      // What a timer can wait at most.
      return (failedAttempts) => Math.min(first * multiplier ** (failedAttempts - 1), 2 ** 31 - 1);
    }
  }
}
