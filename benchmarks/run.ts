// npm run bench -- NAME [--option value]: runs benchmarks/NAME.ts, which prints what it measures, and keeps it in
// benchmarks/results. With --dry nothing is kept.
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit, thisMachine } from './machine.ts';
import { keep } from './results.ts';

/** What the module of a benchmark exports. */
interface Benchmark {
  /** Its options with their defaults; a number stays a number. */
  readonly options?: Readonly<Record<string, number | string>>;
  /** Prints what it measures, and resolves with it: values, and lists of rows. */
  run(options: Readonly<Record<string, number | string>>): Promise<object>;
}

const names = ['ingest', 'query', 'journal', 'wire', 'startup', 'ui', 'sdk', 'node-startup'];
const [name, ...args] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.ts`);
if (name === undefined || !names.includes(name) || !existsSync(file)) {
  console.error(`npm run bench -- ${names.join('|')} [--options] [--dry]`);
  process.exit(1);
}

const benchmark = (await import(file)) as Benchmark;
const defaults = benchmark.options ?? {};
const { values } = parseArgs({
  args,
  options: {
    ...Object.fromEntries(Object.keys(defaults).map((option) => [option, { type: 'string' } as const])),
    dry: { type: 'boolean' },
  },
});
const { dry, ...given } = values as { dry?: boolean } & Record<string, string>;
const options = Object.fromEntries(
  Object.entries(defaults).map(([option, value]) => [
    option,
    given[option] === undefined ? value : typed(option, value),
  ]),
);

// What the benchmark has started ends when this process exits.
process.once('SIGINT', () => process.exit(130));

const loadBefore = Math.round(loadavg()[0]! * 10) / 10;
const result = await benchmark.run(options);
if (!dry)
  keep({
    benchmark: name,
    date: new Date().toISOString(),
    commit: commit(),
    machine: thisMachine(),
    loadBefore,
    options,
    result,
  });

function typed(option: string, like: number | string): number | string {
  const text = given[option]!;
  if (typeof like === 'string') return text;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw new Error(`--${option} is ${text}, expected a number`);
  return value;
}
