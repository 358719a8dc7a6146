import { StartError } from '@throughline/model';
import type { Graph, Listener } from '@throughline/pipeline';
import type { RuntimeStatus } from '@throughline/query';
import {
  ClickHouseTraceStore,
  EngineUnavailable,
  isStoreExporter,
  type Engine,
  type StoreExporter,
  type TraceStore,
} from '@throughline/store';
import { lateEngine } from './late-engine.ts';
import { storeIntake } from './store-intake.ts';
import { ThroughlineQuery } from './throughline-query.ts';
import { version } from './version.ts';

export interface Surroundings {
  readonly dataDirectory: string;
  readonly allowPurge: boolean;
  readonly listening: readonly Listener[];
}

/** The store of the only exporter that has one; undefined where there is none or several. */
export function onlyStore(graph: Graph): TraceStore | undefined {
  const stores = storeExporters(graph);
  return stores.size === 1 ? traceStore([...stores.values()][0]!) : undefined;
}

/** Gives each query extension the store that its configuration names. StartError when it is not clear which that is. */
export function connectQuery(graph: Graph, surroundings: Surroundings): void {
  const stores = storeExporters(graph);
  for (const [id, extension] of graph.extensions) {
    if (!(extension instanceof ThroughlineQuery)) continue;
    const [name, exporter] = chosen(id, extension.exporter, stores);
    extension.connect({
      store: traceStore(exporter),
      intake: storeIntake(graph, name),
      status: () => status(graph, exporter, surroundings),
      allowPurge: surroundings.allowPurge,
    });
  }
}

/** Whether the graph stores what no web app and no API shows: meant where another program does, else a surprise. */
export function storesUnseen(graph: Graph): boolean {
  const shown = [...graph.extensions.values()].some((extension) => extension instanceof ThroughlineQuery);
  return !shown && storeExporters(graph).size > 0;
}

function storeExporters(graph: Graph): Map<string, StoreExporter> {
  return new Map(
    [...graph.exporters].flatMap(([id, exporter]) => (isStoreExporter(exporter) ? [[id, exporter]] : [])),
  );
}

function traceStore(exporter: StoreExporter): TraceStore {
  return new ClickHouseTraceStore(lateEngine(() => exporter.engine));
}

function chosen(
  extension: string,
  name: string | undefined,
  stores: ReadonlyMap<string, StoreExporter>,
): [string, StoreExporter] {
  const ids = [...stores.keys()];
  const id = name ?? (ids.length === 1 ? ids[0] : undefined);
  const exporter = id === undefined ? undefined : stores.get(id);
  if (id !== undefined && exporter) return [id, exporter];
  const there = ids.length === 0 ? 'there is none in a pipeline' : `there are ${ids.join(', ')}`;
  throw new StartError(
    `extensions.${extension}.exporter: expected the name of a throughline exporter; ${there}`,
  );
}

function status(
  graph: Graph,
  exporter: StoreExporter,
  { dataDirectory, listening }: Surroundings,
): RuntimeStatus {
  return {
    version,
    uptime_s: Math.floor(process.uptime()),
    data_dir: dataDirectory,
    listening: [...listening],
    journal: graph.pipelines().map(({ pipeline, bytes, maxBytes, consumers }) => ({
      pipeline,
      bytes,
      max_bytes: maxBytes,
      consumers: consumers.map(({ exporter: id, lagBytes }) => ({ exporter: id, lag_bytes: lagBytes })),
    })),
    engine: engineStatus(exporter),
  };
}

function engineStatus(exporter: StoreExporter): RuntimeStatus['engine'] {
  const engine = startedEngine(exporter);
  if (!engine) return { kind: 'embedded', state: 'starting' };
  const { state, version: engineVersion, error } = engine.state();
  return {
    kind: engine.kind,
    state,
    ...(engineVersion !== undefined && { version: engineVersion }),
    ...(error !== undefined && { error }),
  };
}

function startedEngine(exporter: StoreExporter): Engine | undefined {
  try {
    return exporter.engine;
  } catch (error) {
    if (error instanceof EngineUnavailable) return undefined;
    throw error;
  }
}
