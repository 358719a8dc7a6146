import elkApi from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import { useEffect, useMemo, useState } from 'react';
import { arrange, type Shape } from './arrange.ts';
import type { DrawnGraph, Layout } from './graph.ts';

interface Arranged<Graph> {
  readonly key: string;
  readonly graph: Graph;
  readonly layout: Layout;
}

interface Answer<Graph> {
  /** A graph with its layout: the one asked for or, while that is being laid out, the one before it. */
  readonly arranged: Omit<Arranged<Graph>, 'key'> | undefined;
  readonly pending: boolean;
  readonly error: Error | undefined;
}

/** Lays the graph out in a worker, anew only when nodes or edges come or go: colours and texts may change freely. */
export function useLayout<Graph extends DrawnGraph>(graph: Graph): Answer<Graph> {
  const key = useMemo(() => JSON.stringify(shapeOf(graph)), [graph]);
  const [latest, setLatest] = useState<Arranged<Graph>>();
  const [failed, setFailed] = useState<{ key: string; error: Error }>();
  useEffect(() => {
    let ended = false;
    const fail = (error: Error) => {
      if (!ended) setFailed({ key, error });
    };
    const elk = new elkApi.default({ algorithms: ['layered'], workerFactory: () => startWorker(fail) });
    arrange(elk, JSON.parse(key) as Shape).then(
      (layout) => !ended && setLatest({ key, graph, layout }),
      (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))),
    );
    return () => {
      ended = true;
      elk.terminateWorker();
    };
    // The graph that is kept is the one with which the layout was asked for; later ones of its shape replace it below.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key]);
  const current = latest?.key === key;
  return {
    arranged: latest && (current ? { graph, layout: latest.layout } : latest),
    pending: !current && failed?.key !== key,
    error: failed?.key === key ? failed.error : undefined,
  };
}

function startWorker(fail: (error: Error) => void): Worker {
  const worker = new Worker(workerUrl);
  worker.addEventListener('error', () => fail(new Error('What arranges graphs could not be loaded.')));
  return worker;
}

function shapeOf({ nodes, edges, gap }: DrawnGraph): Shape {
  return { nodes: nodes.length, edges: edges.map(({ from, to, back }) => ({ from, to, back })), gap };
}
