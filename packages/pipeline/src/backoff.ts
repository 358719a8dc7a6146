import type { RetryOnFailure } from './config/sending.ts';

/** For ever, with waits from 1 s to 30 s. */
export const defaultRetry: RetryOnFailure = {
  enabled: true,
  initialInterval: 1000,
  randomizationFactor: 0.5,
  multiplier: 1.5,
  maxInterval: 30_000,
  maxElapsedTime: 0,
};

/** How long to wait after the failure number `failures` (from 1); `random` gives numbers from 0 to 1. */
export function backoffMs(retry: RetryOnFailure, failures: number, random: () => number): number {
  const plain = Math.min(retry.maxInterval, retry.initialInterval * retry.multiplier ** (failures - 1));
  return plain * (1 + retry.randomizationFactor * (2 * random() - 1));
}
