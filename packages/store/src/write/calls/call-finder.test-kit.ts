import type { Span } from '@throughline/model';
import { serviceOf } from '@throughline/model';
import { encodeTraces } from '@throughline/wire';
import { edgeKinds } from '../../edge-kinds.ts';
import { SpanBlock } from '../span-block.ts';

const kindNames = Object.fromEntries(Object.entries(edgeKinds).map(([name, kind]) => [kind, name]));

/** Writes blocks of spans and sums up what the edges say, as lines `shop -publish> kafka orders 2`, sorted. */
export class WatchedBlocks {
  readonly #block = new SpanBlock();
  readonly #sums = new Map<string, number>();

  constructor() {
    const { edges } = this.#block;
    let noted: (readonly [number, number, number, string, number])[] = [];
    edges.add = (kind, _start, caller, callee, error, _nanos, ...[times = 1]: [number?]) => {
      noted.push([kind, caller, callee, '', times]);
      if (error) noted.push([kind, caller, callee, ' failed', times]);
    };
    edges.addLag = (kind, _start, caller, callee, nanos) =>
      noted.push([kind, caller, callee, ` waited ${Math.round(nanos / 1e6)}`, 1]);
    edges.addAlias = (_start, peer, service) => {
      noted.push([edgeKinds.alias, peer, service, '', 0]);
    };
    edges.finish = (nameOf) => {
      for (const [kind, caller, callee, what, times] of noted) {
        const line = `${nameOf(caller)} -${kindNames[kind]}> ${nameOf(callee)}${what}`;
        this.#sums.set(line, (this.#sums.get(line) ?? 0) + times);
      }
      noted = [];
    };
  }

  /** One block. */
  write(spans: readonly Span[], received = 1_800_000_000): this {
    this.#block.add(encodeTraces(spans), received);
    this.#block.finish();
    this.#block.clear();
    return this;
  }

  lines(): string[] {
    return [...this.#sums]
      .filter(([line, sum]) => sum !== 0 || line.includes('-alias>'))
      .map(([line, sum]) => (line.includes('-alias>') ? line : `${line} ${sum}`))
      .toSorted();
  }
}

interface End {
  readonly role: 'client' | 'database' | 'publish' | 'weakPublish' | 'consume' | 'weakConsume';
  readonly node: string;
  readonly span: Span;
  outer?: End;
  answered: boolean;
}

/** The same lines, found slowly and with all spans at hand. */
export function plainEdges(spans: readonly Span[]): string[] {
  const sums = new Map<string, number>();
  const add = (kind: string, from: string, to: string, what: string, times = 1) =>
    sums.set(`${from} -${kind}> ${to}${what}`, (sums.get(`${from} -${kind}> ${to}${what}`) ?? 0) + times);
  const count = (kind: string, from: string, to: string, failed: boolean) => {
    add(kind, from, to, '');
    if (failed) add(kind, from, to, ' failed');
  };
  const known = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
  const ends = new Map(spans.flatMap((span) => (endOf(span) ? [[span, endOf(span)!] as const] : [])));
  const consumed = new Map<Span, Set<string>>();
  for (const child of spans)
    for (const { parent, isLink, hasLinks } of parentsOf(child, known, ends.get(child))) {
      const [caller, callee] = [serviceOf(parent.resource), serviceOf(child.resource)];
      const crosses = caller !== callee;
      const enters = crosses || child.kind === 'server' || child.kind === 'consumer';
      const from = ends.get(parent);
      const to = ends.get(child);
      const failed = child.status === 'error';
      if (!crosses && !isLink && from && to && encloses(from, to)) to.outer = from;
      else if (from?.role === 'publish' || from?.role === 'weakPublish') {
        if (!enters) continue;
        const waited = Math.max(0, Number(child.start - parent.start) - parent.duration);
        const lag = ` waited ${Math.round(waited / 1e6)}`;
        const role = to?.role === 'weakConsume' ? 'weakConsume' : 'consume';
        if (isConsume(to) && to.node !== '') {
          if (to.node !== from.node && !isLink && hasLinks) continue;
          if (to.node !== from.node) count('route', from.node, to.node, false);
          add(role, to.node, callee, lag);
        } else {
          const topics = consumed.get(child) ?? new Set();
          consumed.set(child, topics);
          if (!isConsume(to) || !topics.has(from.node)) count(role, from.node, callee, failed);
          topics.add(from.node);
          add(role, from.node, callee, lag);
        }
      } else if (isConsume(to) && to.node !== '') {
        if (crosses) count(isLink ? 'weakPublish' : 'inferredPublish', caller, to.node, false);
      } else {
        if (isClient(from) && enters) {
          from.answered = true;
          if (from.role === 'client' && from.node !== '') add('alias', from.node, callee, '', 0);
        }
        if (crosses) count('call', caller, callee, failed);
      }
    }
  for (const end of ends.values())
    if (end.answered) for (let outer = end.outer; outer; outer = outer.outer) outer.answered = true;
  for (const end of ends.values()) {
    if (end.node === '' || end.answered || within(end)) continue;
    const service = serviceOf(end.span.resource);
    const failed = end.span.status === 'error';
    if (isConsume(end)) count(end.role, end.node, service, failed);
    else count(end.role === 'client' ? 'external' : end.role, service, end.node, failed);
  }
  return [...sums].map(([line, sum]) => (line.includes('-alias>') ? line : `${line} ${sum}`)).toSorted();
}

function parentsOf(child: Span, known: ReadonlyMap<string, Span>, end: End | undefined) {
  const parent = known.get(`${child.traceId} ${child.parentSpanId}`);
  const links = (isConsume(end) ? child.links : []).filter(
    ({ traceId, spanId }) => traceId !== child.traceId || spanId !== child.parentSpanId,
  );
  const hasLinks = links.length > 0;
  return [
    ...(parent ? [{ parent, isLink: false, hasLinks }] : []),
    ...links
      .flatMap(({ traceId, spanId }) => known.get(`${traceId} ${spanId}`) ?? [])
      .map((linked) => ({ parent: linked, isLink: true, hasLinks })),
  ];
}

function encloses(outer: End, inner: End): boolean {
  if (isClient(outer)) return isClient(inner);
  return outer.role === inner.role && outer.node === inner.node && outer.node !== '';
}

function within(end: End): boolean {
  for (let outer = end.outer; outer; outer = outer.outer) if (outer.node !== '') return true;
  return false;
}

function endOf(span: Span): End | undefined {
  const text = (...keys: string[]) =>
    keys.map((key) => span.attributes[key]).find((value) => typeof value === 'string' && value !== '') as
      string | undefined;
  const end = (role: End['role'], node: string): End => ({ role, node, span, answered: false });
  const system = text('messaging.system');
  const name = text('messaging.destination.name');
  const topic = name === undefined ? '' : `${system ?? ''} ${name}`;
  const operation = text('messaging.operation.type');
  if (span.kind === 'consumer') return end(operation === 'receive' ? 'weakConsume' : 'consume', topic);
  if (span.kind === 'producer' && topic !== '') return end('publish', topic);
  if (span.kind === 'client' && topic !== '') {
    if (operation === 'receive') return end('weakConsume', topic);
    return operation === 'send' ? end('weakPublish', topic) : undefined;
  }
  if (span.kind !== 'client' && span.kind !== 'producer') return undefined;
  const db = text('db.system.name');
  if (span.kind === 'client' && db !== undefined)
    return end('database', `${db} ${text('db.namespace') ?? ''}`);
  if (system !== undefined) return undefined;
  return end('client', text('peer.service', 'server.address') ?? '');
}

function isConsume(end: End | undefined): end is End & { role: 'consume' | 'weakConsume' } {
  return end?.role === 'consume' || end?.role === 'weakConsume';
}

function isClient(end: End | undefined): end is End & { role: 'client' | 'database' } {
  return end?.role === 'client' || end?.role === 'database';
}
