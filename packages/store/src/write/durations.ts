/** How many buckets an octave of durations has. */
export const bucketsPerOctave = 8;

const view = new Float64Array(1);
const halves = new Uint32Array(view.buffer);
/** Upper mantissa bits that lead from one bucket to the next: 2^(i/8) as a fraction above 1, on 20 bits. */
const steps = Uint32Array.from({ length: bucketsPerOctave }, (_, i) =>
  Math.ceil((2 ** (i / bucketsPerOctave) - 1) * 2 ** 20),
);

/**
 * Hot: the bucket b with 2^(b/8) <= nanos < 2^((b+1)/8); 0 for anything below 1. Read off the float's exponent and upper
 * mantissa, which is exact to one part in 10^6.
 */
export function bucketOf(nanos: number): number {
  if (!(nanos >= 1)) return 0;
  view[0] = nanos;
  const high = halves[1]!;
  const mantissa = high & 0xf_ffff;
  let step = bucketsPerOctave - 1;
  while (mantissa < steps[step]!) step--;
  return ((high >>> 20) - 1023) * bucketsPerOctave + step;
}
