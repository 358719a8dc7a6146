import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figures } from './figures.ts';
import type { Kept } from './kept.ts';

const folder = join(import.meta.dirname, 'results');
const readme = join(import.meta.dirname, '..', 'README.md');

/** Keeps a result, and brings the page with all results up to date. */
export function keep(result: Kept): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.benchmark}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), page(keptResults()));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), keptResults()));
}

export function keptResults(): Kept[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept);
}

/** All results as Markdown. */
export function page(results: readonly Kept[]): string {
  return [
    '# Results',
    '<!-- Made by `npm run bench` from the JSON files beside it. Do not edit. -->',
    ...results.flatMap((kept) => [`## ${kept.benchmark}`, describe(kept), ...tables(kept.result)]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function describe({ machine, commit, date, loadBefore, options }: Kept): string {
  const asked = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return (
    `${date.slice(0, 10)}, commit ${commit}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ` +
    `${machine.os}, Node ${machine.node}, load before ${loadBefore}${asked.length > 0 ? `, \`${asked.join(' ')}\`` : ''}`
  );
}

/** README with the figures of these results in its place for them. */
export function withFigures(text: string, results: readonly Kept[]): string {
  const lines = figures(results).map(([what, figure]) => `| ${what} | ${figure} |`);
  const [machine] = results.map(({ machine }) => machine);
  const block =
    machine && lines.length > 0
      ? `${[`| on ${machine.cores} cores (${machine.cpu}) | |`, '| --- | --- |', ...lines].join('\n')}\n\n`
      : '';
  return text.replace(
    /(<!-- prettier-ignore-start -->\n\n)[^]*?(<!-- prettier-ignore-end -->)/,
    `$1${block}$2`,
  );
}

/** Plain values are one table, every list of rows and every object with values of its own is another. */
function tables(result: object): string[] {
  const entries = Object.entries(result);
  const plain = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const found = plain.length > 0 ? [table(['', ''], plain)] : [];
  for (const [key, value] of entries) {
    if (Array.isArray(value) && value.length > 0) {
      const rows = value as Record<string, unknown>[];
      const columns = Object.keys(rows[0]!);
      found.push(
        `**${words(key)}**`,
        table(
          columns.map(words),
          rows.map((row) => columns.map((column) => row[column])),
        ),
      );
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      found.push(`**${words(key)}**`, ...tables(value as object));
  }
  return found;
}

function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]) => `| ${cells.map(cell).join(' | ')} |`;
  const labelled = head[0] === '' ? rows.map(([name, ...rest]) => [words(String(name)), ...rest]) : rows;
  return [line(head), line(head.map(() => '---')), ...labelled.map(line)].join('\n');
}

function cell(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en', { maximumSignificantDigits: 4 });
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

/** `ackP99Ms` → `ack p99 ms`. */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}
