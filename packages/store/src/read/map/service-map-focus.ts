import type { ServiceMap } from '../trace-store.ts';

/** The node with that id and what it has to do with: who calls it and whom it calls, through topics too. */
export function focusMap(map: ServiceMap, id: string): ServiceMap {
  const isTopic = new Set(map.nodes.filter(({ kind }) => kind === 'topic').map((node) => node.id));
  const up = reach(id, (each) => map.edges.filter(({ to }) => to === each).map(({ from }) => from));
  const down = reach(id, (each) => map.edges.filter(({ from }) => from === each).map(({ to }) => to));
  const edges = map.edges.filter(
    ({ from, to }) =>
      (up.has(from) && (to === id || (up.has(to) && isTopic.has(to)))) ||
      (down.has(to) && (from === id || (down.has(from) && isTopic.has(from)))),
  );
  const shown = new Set([id, ...edges.flatMap(({ from, to }) => [from, to])]);
  return { nodes: map.nodes.filter((node) => shown.has(node.id)), edges };

  /** One step in a direction; a topic is no stop. */
  function reach(start: string, next: (id: string) => string[]): Set<string> {
    const found = new Set<string>();
    const visit = (each: string) => {
      for (const neighbour of next(each)) {
        if (neighbour === start || found.has(neighbour)) continue;
        found.add(neighbour);
        if (isTopic.has(neighbour)) visit(neighbour);
      }
    };
    visit(start);
    return found;
  }
}
