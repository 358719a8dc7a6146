/** From the least important. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/**
 * The level from which lines of `target` are written, as a filter such as `hello_tracing_gateway=debug,info` says: the
 * longest target that `target` begins with, else the level that stands alone, else `info`. Throws on an unknown level.
 */
export function levelFor(target: string, filter: string): Level {
  const rules = filter
    .split(',')
    .filter((rule) => rule.trim() !== '')
    .map((rule) => rule.trim().split('='))
    .map(([first = '', second]) =>
      second === undefined ? { of: '', level: levelOf(first) } : { of: first, level: levelOf(second) },
    );
  const fitting = rules.filter(({ of }) => target.startsWith(of)).sort((a, b) => b.of.length - a.of.length);
  return fitting[0]?.level ?? 'info';
}

function levelOf(name: string): Level {
  const level = levels.find((each) => each === name.toLowerCase());
  if (!level) throw new Error(`LOG_FILTER: ${name} is none of ${levels.join(', ')}`);
  return level;
}
