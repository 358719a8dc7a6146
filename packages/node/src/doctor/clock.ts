import type { Answered } from './http.ts';
import type { Finding } from './report.ts';

/** Spans of services whose clocks differ by more than this are drawn before their cause. */
const harmlessMs = 1000;
const grossMs = 10_000;

/** How far the clock here is from that of `whose`, by the Date header of its answer, which is to the second. */
export function clockDifference(whose: string, { headers, asked, answered }: Answered): Finding[] {
  const there = Date.parse(headers.date ?? '');
  if (Number.isNaN(there)) return [];
  // The answer was made between the two moments, within the second that it names.
  const least = there - answered;
  const most = there + 999 - asked;
  const differenceMs = least > 0 ? least : most < 0 ? most : 0;
  const finding = { check: 'clock', subject: whose } as const;
  if (Math.abs(differenceMs) <= harmlessMs)
    return [{ ...finding, status: 'ok', found: 'the same time, to a second' }];
  const seconds = Math.round(Math.abs(differenceMs) / 1000);
  return [
    {
      ...finding,
      status: Math.abs(differenceMs) < grossMs ? 'warning' : 'problem',
      found: `the clock here is ${seconds} s ${differenceMs > 0 ? 'behind' : 'ahead'}`,
      advice: 'Spans from here lie beside those of others, not among them: synchronise the clocks (NTP).',
    },
  ];
}
