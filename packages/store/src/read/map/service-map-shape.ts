import { edgeKinds, otherName, peerOfText } from '../../edge-kinds.ts';
import { mergeHistograms, quantile, type Histogram } from '../quantiles.ts';
import type { MapEdge, MapNode, ServiceMap } from '../trace-store.ts';

interface Sums {
  readonly calls: number;
  readonly errors: number;
  readonly durations: Histogram;
}

export interface ServiceSums extends Sums {
  readonly service: string;
}

/** Sums of the rows of `edges` of one kind from one to another. */
export interface EdgeSums extends Sums {
  readonly kind: number;
  readonly from: string;
  readonly to: string;
  readonly lags: Histogram;
}

interface Drawn extends Sums {
  readonly kind: MapEdge['kind'];
  readonly from: string;
  readonly to: string;
  readonly lags: Histogram;
}

/** So many topics, databases and other peers each are drawn; those with fewest calls are one. */
const mostDrawn = 200;
const nothing: Histogram = { buckets: [], counts: [] };

/**
 * The map that the sums draw. What stands in for better knowledge is left out where that is there, and a peer that is
 * known as a service is that service: calls to it that it did not answer stay calls to it.
 */
export function drawMap(services: readonly ServiceSums[], sums: readonly EdgeSums[]): ServiceMap {
  const edges = joined([
    ...called(sums, new Set(services.map(({ service }) => service))),
    ...messages(sums),
    ...fewest(sums.filter(({ kind }) => kind === edgeKinds.database)).map((edge) => ({
      ...edge,
      kind: 'call' as const,
      from: serviceId(edge.from),
      to: `database:${edge.to}`,
    })),
  ]);
  return { nodes: nodesOf(services, edges), edges: edges.map(edgeOf) };
}

/** A service is known by its name, and all others by what they are and theirs. */
const prefixes = /^(service|topic|database|external):/;

function serviceId(name: string): string {
  return prefixes.test(name) ? `service:${name}` : name;
}

function called(sums: readonly EdgeSums[], services: ReadonlySet<string>): Drawn[] {
  const aliases = new Map<string, Set<string>>();
  for (const { kind, from, to } of sums)
    if (kind === edgeKinds.alias) aliases.set(from, (aliases.get(from) ?? new Set()).add(to));
  const serviceOf = (peer: string) => {
    const known = aliases.get(peer);
    if (known) return known.size === 1 ? [...known][0] : undefined;
    return services.has(peer) ? peer : undefined;
  };
  const external = sums.filter(({ kind, calls }) => kind === edgeKinds.external && calls > 0);
  const calls = [
    ...sums.filter(({ kind }) => kind === edgeKinds.call),
    ...external.flatMap((edge) => {
      const service = serviceOf(edge.to);
      return service === undefined || service === edge.from ? [] : [{ ...edge, to: service }];
    }),
  ].map((edge) => ({ ...edge, kind: 'call' as const, from: serviceId(edge.from), to: serviceId(edge.to) }));
  const strangers = fewest(external.filter(({ to }) => serviceOf(to) === undefined));
  return [
    ...calls,
    ...strangers.map((edge) => ({
      ...edge,
      kind: 'call' as const,
      from: serviceId(edge.from),
      to: `external:${edge.to}`,
    })),
  ];
}

function messages(sums: readonly EdgeSums[]): Drawn[] {
  const of = (kind: number) => sums.filter((edge) => edge.kind === kind);
  const pairs = (edges: readonly EdgeSums[]) => new Set(edges.map(pairOf));
  const published = of(edgeKinds.publish);
  const known = pairs(published);
  const sent = [...published, ...of(edgeKinds.weakPublish).filter((edge) => !known.has(pairOf(edge)))];
  const routes = of(edgeKinds.route);
  const reached = new Set([...sent, ...routes].filter(({ calls }) => calls > 0).map(({ to }) => to));
  const processed = of(edgeKinds.consume);
  const processing = pairs(processed.filter(({ calls }) => calls > 0));
  const consumed = [
    ...processed,
    ...of(edgeKinds.weakConsume).filter((edge) => !processing.has(pairOf(edge))),
  ];
  const topics = [
    ...[...sent, ...of(edgeKinds.inferredPublish).filter(({ to }) => !reached.has(to))].map((edge) => ({
      ...edge,
      from: serviceId(edge.from),
      to: topicId(edge.to),
      kind: 'publish' as const,
    })),
    ...routes.map((edge) => ({
      ...edge,
      from: topicId(edge.from),
      to: topicId(edge.to),
      kind: 'route' as const,
    })),
    ...consumed.map((edge) => ({
      ...edge,
      from: topicId(edge.from),
      to: serviceId(edge.to),
      kind: 'consume' as const,
    })),
  ];
  const drawn = mostCalled(topics.flatMap((edge) => ends(edge).map((id) => [id, edge.calls] as const)));
  const named = (id: string) => (id.startsWith('topic:') && !drawn.has(id) ? topicId(` ${otherName}`) : id);
  return topics
    .map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) }))
    .filter(({ from, to }) => from !== to);
}

function ends({ from, to }: { from: string; to: string }): string[] {
  return [from, to].filter((id) => id.startsWith('topic:'));
}

function topicId(text: string): string {
  return `topic:${text}`;
}

function pairOf({ from, to }: EdgeSums): string {
  return `${from}\0${to}`;
}

/** The edges to leaves, where the leaves with fewest calls are one. */
function fewest(edges: readonly EdgeSums[]): EdgeSums[] {
  const drawn = mostCalled(edges.map(({ to, calls }) => [to, calls] as const));
  return edges.map((edge) =>
    drawn.has(edge.to)
      ? edge
      : { ...edge, to: edge.kind === edgeKinds.external ? otherName : ` ${otherName}` },
  );
}

function mostCalled(calls: readonly (readonly [string, number])[]): Set<string> {
  const sums = new Map<string, number>();
  for (const [id, count] of calls) sums.set(id, (sums.get(id) ?? 0) + count);
  const sorted = [...sums].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Set(sorted.slice(0, mostDrawn).map(([id]) => id));
}

/** One edge for each kind and pair, sorted; none without a call. */
function joined(edges: readonly Drawn[]): Drawn[] {
  const byPair = new Map<string, Drawn>();
  for (const edge of edges) {
    const key = `${edge.from}\0${edge.to}\0${edge.kind}`;
    const before = byPair.get(key);
    byPair.set(
      key,
      before ? { ...edge, ...added(before, edge), lags: mergeHistograms(before.lags, edge.lags) } : edge,
    );
  }
  return [...byPair.values()]
    .filter(({ calls }) => calls > 0)
    .toSorted((a, b) => (`${a.from}\0${a.to}` < `${b.from}\0${b.to}` ? -1 : 1));
}

function added(a: Sums, b: Sums): Sums {
  return {
    calls: a.calls + b.calls,
    errors: Math.max(0, a.errors) + Math.max(0, b.errors),
    durations: mergeHistograms(a.durations, b.durations),
  };
}

function edgeOf({ from, to, kind, calls, errors, durations, lags }: Drawn): MapEdge {
  return {
    from,
    to,
    kind,
    calls,
    errors: Math.max(0, errors),
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    ...(lags.counts.length > 0 && { lagP50: quantile(lags, 0.5), lagP95: quantile(lags, 0.95) }),
  };
}

/** Of services what they did; of topics what was published (where nothing was, what was consumed); of leaves what was asked. */
function nodesOf(services: readonly ServiceSums[], edges: readonly Drawn[]): MapNode[] {
  const nodes = new Map<string, MapNode>();
  const add = (id: string, { calls, errors, durations }: Sums) =>
    nodes.set(id, {
      ...identityOf(id),
      calls,
      errors: Math.max(0, errors),
      p50: quantile(durations, 0.5),
      p95: quantile(durations, 0.95),
    });
  for (const sums of services) add(serviceId(sums.service), sums);
  const none: Sums = { calls: 0, errors: 0, durations: nothing };
  for (const id of new Set(edges.flatMap(({ from, to }) => [from, to]))) {
    if (nodes.has(id)) continue;
    const into = edges.filter(({ to }) => to === id);
    const isTopic = id.startsWith('topic:');
    const counted = isTopic && into.length === 0 ? edges.filter(({ from }) => from === id) : into;
    add(id, prefixes.test(id) ? counted.reduce<Sums>(added, none) : none);
  }
  return [...nodes.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function identityOf(id: string): Pick<MapNode, 'id' | 'kind' | 'name' | 'system'> {
  const kind = prefixes.exec(id)?.[1] as MapNode['kind'] | undefined;
  const text = kind ? id.slice(kind.length + 1) : id;
  if (kind !== 'topic' && kind !== 'database') return { id, kind: kind ?? 'service', name: text };
  const { system, name } = peerOfText(text);
  return { id, kind, name: name === '' ? system : name, ...(system !== '' && { system }) };
}
