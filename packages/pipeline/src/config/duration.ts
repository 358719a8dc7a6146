import { z } from 'zod';

/** A length of time in milliseconds; may have a fraction. */
export type Millis = number;

const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
type Unit = keyof typeof unitMs;

/** The milliseconds in a duration as Go writes it (`1m30s`, `200ms`, `1.5h`, `0`), or undefined. Signs are refused. */
export function parseDuration(text: string): Millis | undefined {
  if (text === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(number) * unitMs[unit as Unit];
  return total;
}

/** The shortest way to write `ms` as a Go duration: `90000` is `1m30s`. */
export function formatDuration(ms: Millis): string {
  if (ms === 0) return '0s';
  if (ms < 1) return `${Number((ms * 1e6).toFixed(0))}ns`;
  if (ms < 1000 || ms % 1000 !== 0) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return (hours ? `${hours}h` : '') + (minutes ? `${minutes}m` : '') + (seconds ? `${seconds}s` : '');
}

/** A duration as Go writes it, `5s` or `1m30s`; a number of milliseconds in code. Give defaults with `.prefault('5s')`. */
export function duration() {
  return z
    .codec(
      z.union([z.string(), z.literal(0)], { error: 'expected a duration such as 200ms, 5s or 1m30s' }),
      z.number(),
      {
        decode(written, context) {
          const ms = parseDuration(String(written));
          if (ms !== undefined) return ms;
          context.issues.push({
            code: 'custom',
            input: written,
            message: `expected a duration such as 200ms, 5s or 1m30s, got ${JSON.stringify(written)}`,
          });
          return z.NEVER;
        },
        encode: formatDuration,
      },
    )
    .meta({ type: 'duration' });
}

/** A duration longer than nothing. */
export function positiveDuration() {
  return duration()
    .refine((ms) => ms > 0, { error: 'must be longer than 0s' })
    .meta({ type: 'duration' });
}
