const numbers = new Intl.NumberFormat('en');

/** `1 span`, `12,345 spans`. */
export function countOf(count: number, noun: string): string {
  return `${numbers.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function formatCount(count: number): string {
  return numbers.format(count);
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `12.3K`: for places where a count is a hint. */
export function formatRoughCount(count: number): string {
  return short.format(count);
}
