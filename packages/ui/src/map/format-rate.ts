const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** How often something happens, in the unit that is read best: `12.3/s`, `4/min`, `2/h`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  if (perSecond >= 0.95) return `${digits(perSecond)}/s`;
  if (perSecond * 60 >= 0.95) return `${digits(perSecond * 60)}/min`;
  return `${digits(perSecond * 3600)}/h`;
}

/** A time range is never as round as its name: 0.999 an hour is one. */
function digits(count: number): string {
  return (count < 100 ? short : compact).format(count);
}
