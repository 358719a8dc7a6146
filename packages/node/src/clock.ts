import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';

/** A clock that has moved further than this from the monotonic one was set, or the machine slept. */
const maxDriftMs = 2;
let originMs = performance.timeOrigin;

/**
 * The time as seconds and nanoseconds since 1970, finer than a millisecond: the monotonic clock on the wall clock's
 * origin. Follows the wall clock when that is set, to within a millisecond.
 */
export function fineNow(): HrTime {
  const elapsedMs = performance.now();
  const wallMs = Date.now();
  const drift = originMs + elapsedMs - wallMs;
  if (drift < -maxDriftMs || drift > maxDriftMs + 1) originMs = wallMs + 0.5 - elapsedMs;
  const ms = originMs + elapsedMs;
  const seconds = Math.trunc(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** Milliseconds from `start` to `end`. */
export function elapsedMs(start: HrTime, end: HrTime): number {
  return (end[0] - start[0]) * 1000 + (end[1] - start[1]) / 1e6;
}
