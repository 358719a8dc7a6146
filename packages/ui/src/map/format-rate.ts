const digits = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** How often something happens, in the unit that is read best: `12.3/s`, `4/min`, `2/h`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  if (perSecond >= 0.995) return `${digits.format(perSecond)}/s`;
  if (perSecond * 60 >= 0.995) return `${digits.format(perSecond * 60)}/min`;
  return `${digits.format(perSecond * 3600)}/h`;
}
