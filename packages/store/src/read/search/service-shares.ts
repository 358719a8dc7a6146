import type { ServiceShare } from '../trace-query.ts';

/** What each service has of a trace's spans; most spans first. */
export class ServiceShares {
  readonly #shares = new Map<string, { spans: number; errors: number; duration: number }>();

  add(service: string, isError: boolean, duration: number): void {
    let share = this.#shares.get(service);
    if (!share) this.#shares.set(service, (share = { spans: 0, errors: 0, duration: 0 }));
    share.spans++;
    if (isError) share.errors++;
    share.duration += duration;
  }

  all(): ServiceShare[] {
    return [...this.#shares]
      .map(([name, share]) => ({ name, ...share }))
      .sort((a, b) => b.spans - a.spans || (a.name < b.name ? -1 : 1));
  }
}
