/** How many buckets an octave of durations has: bucket b counts those in [2^(b/4), 2^((b+1)/4)) ns. */
export const bucketsPerOctave = 4;

const view = new Float64Array(1);
const halves = new Uint32Array(view.buffer);
/** Upper mantissa bits, of 20, at which each bucket of an octave begins. */
const steps = Uint32Array.from({ length: bucketsPerOctave }, (_, i) =>
  Math.ceil((2 ** (i / bucketsPerOctave) - 1) * 2 ** 20),
);

/** Hot: the bucket of a duration; 0 for anything below 1 ns. Read off the float's exponent and upper mantissa, exact to 10^-6. */
export function bucketOf(nanos: number): number {
  if (!(nanos >= 1)) return 0;
  view[0] = nanos;
  const high = halves[1]!;
  const mantissa = high & 0xf_ffff;
  let step = bucketsPerOctave - 1;
  while (mantissa < steps[step]!) step--;
  return ((high >>> 20) - 1023) * bucketsPerOctave + step;
}
