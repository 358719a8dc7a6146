/** A span as the query API of Throughline writes it; what is not needed is left out. */
export interface ApiSpan {
  name: string;
  /** Nanoseconds. */
  duration: number;
}

/** Where the time of a request went, in milliseconds; the three parts are the whole. */
export interface Breakdown {
  total: number;
  frontend: number;
  network: number;
  backend: number;
}

/**
 * The question that the example is there to answer: how much of a request's time is the frontend's own, how much the
 * backend's own, and how much the way between them. `undefined` for spans that are not a request of this example.
 */
export function breakdown(spans: readonly ApiSpan[]): Breakdown | undefined {
  const durationMs = (name: string): number | undefined => {
    const span = spans.find((each) => each.name === name);
    return span && span.duration / 1e6;
  };
  const total = durationMs('incoming call');
  const call = durationMs('backend call');
  if (total === undefined || call === undefined) return undefined;
  // A backend may still be at work when the frontend has given it up.
  const backend = Math.min(durationMs('backend call received') ?? 0, call);
  return { total, frontend: total - call, network: call - backend, backend };
}
