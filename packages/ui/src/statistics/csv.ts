import type { StatisticsRow } from './statistics.ts';

const times = ['p50', 'p95', 'max', 'total', 'self'] as const;

/** The rows as RFC 4180 has it, times in milliseconds; `self` is what the shares are of. */
export function csvOf(rows: readonly StatisticsRow[], self: number): string {
  const head = ['service', 'operation', 'spans', 'errors', ...times.map((time) => `${time}_ms`), 'share'];
  const lines = rows.map((row) => [
    field(row.service),
    field(row.operation ?? ''),
    row.spans,
    row.errors,
    ...times.map((time) => Number((row[time] / 1e6).toFixed(6))),
    Number((self > 0 ? row.self / self : 0).toFixed(6)),
  ]);
  return [head, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
