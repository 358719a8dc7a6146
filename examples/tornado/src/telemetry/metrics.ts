type Labels = Readonly<Record<string, string>>;

interface Series {
  labels: Labels;
  value: number;
  /** How many times, of a duration. */
  count?: number;
}

/** Counters and durations, written as Prometheus reads them. */
export class Metrics {
  readonly #series = new Map<string, Map<string, Series>>();

  /** Adds to a counter. */
  count(name: string, labels: Labels = {}, by = 1): void {
    this.#of(name, labels).value += by;
  }

  /** Adds to a sum and a count. */
  observe(name: string, seconds: number, labels: Labels = {}): void {
    const series = this.#of(name, labels);
    series.value += seconds;
    series.count = (series.count ?? 0) + 1;
  }

  text(): string {
    const lines = [...this.#series].flatMap(([name, all]) => {
      const isSummary = [...all.values()].some(({ count }) => count !== undefined);
      return [
        `# TYPE ${name} ${isSummary ? 'summary' : 'counter'}`,
        ...[...all.values()].flatMap(linesOf(name)),
      ];
    });
    return `${lines.join('\n')}\n`;
  }

  #of(name: string, labels: Labels): Series {
    const all = this.#series.get(name) ?? new Map<string, Series>();
    this.#series.set(name, all);
    const key = JSON.stringify(labels);
    const series = all.get(key) ?? { labels, value: 0 };
    all.set(key, series);
    return series;
  }
}

const linesOf =
  (name: string) =>
  ({ labels, value, count }: Series): string[] => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    const suffix = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    if (count === undefined) return [`${name}${suffix} ${value}`];
    return [`${name}_sum${suffix} ${value}`, `${name}_count${suffix} ${count}`];
  };
