export function median(values: readonly number[]): number {
  return at(values, 0.5);
}

/** The value below which that part of the values lies. */
export function at(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

/** Three significant digits, and all digits before the point. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
