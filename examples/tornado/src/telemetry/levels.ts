export const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/** Says which spans and log lines there are. `off` is above all levels. */
export type Filter = (level: Level, target: string) => boolean;

/**
 * The filter in `warn,tornado=debug`: a level for all targets, and one for those that begin with a name; the longest name
 * that fits counts. Throws what is wrong with the text.
 */
export function parseFilter(text: string): Filter {
  const rules = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRule)
    .toSorted((a, b) => b.target.length - a.target.length);
  return (level, target) => {
    const rule = rules.find((each) => target.startsWith(each.target));
    return rule !== undefined && levels.indexOf(level) >= rule.least;
  };
}

function parseRule(text: string): { target: string; least: number } {
  const [target, level] = text.includes('=') ? text.split('=') : ['', text];
  const least = [...levels, 'off'].indexOf(level?.toLowerCase() ?? '');
  if (least < 0) throw new Error(`"${text}" is not a level (${levels.join(', ')}, off) nor <target>=<level>`);
  return { target: target ?? '', least };
}
