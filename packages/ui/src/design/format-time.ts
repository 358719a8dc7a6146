/** Absolute times are nanoseconds since 1970 as decimal texts; they become milliseconds here and nowhere else. */
export function millisOfNanos(nanos: string): number {
  return Number(BigInt(nanos) / 1_000n) / 1_000;
}

export function nanosOfMillis(millis: number): string {
  return (BigInt(Math.round(millis * 1_000)) * 1_000n).toString();
}

const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

/** `2026-11-20`, in the local zone. */
export function formatDate(millis: number): string {
  const date = new Date(millis);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** `16:04:05.123`, in the local zone. */
export function formatClock(millis: number): string {
  const date = new Date(millis);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** `2026-11-20 16:04:05.123`, in the local zone. */
export function formatTime(millis: number): string {
  return `${formatDate(millis)} ${formatClock(millis)}`;
}

/** The exact time for a tooltip: `2026-11-20 15:04:05.123456789 UTC`. */
export function formatUtc(nanos: string): string {
  const seconds = BigInt(nanos) / 1_000_000_000n;
  const rest = BigInt(nanos) % 1_000_000_000n;
  const text = new Date(Number(seconds) * 1_000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${rest.toString().padStart(9, '0')} UTC`;
}
