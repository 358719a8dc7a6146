/** A part of a whole, 0 to 1, in percent: `42 %`, `3.1 %`, `<0.1 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${Number(percent.toFixed(percent < 9.95 ? 1 : 0))} %`;
}
