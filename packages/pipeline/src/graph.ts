import { StartError } from '@throughline/model';
import type { Signal } from '@throughline/wire';
import type { Component, Consumer, Exporter } from './component.ts';
import type { Config } from './config/load.ts';
import { fanOut } from './fan-out.ts';
import { meterPipelines } from './graph-metrics.ts';
import { journalDirectory, journaledPipelines, Pipeline, type PipelineStatus } from './pipeline.ts';
import { envOf, placeOf, type World } from './world.ts';

/** Anything with a life; only pipelines do something with the time that they are given to stop. */
interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

/**
 * The running components of a configuration: receivers → pipelines → exporters, and extensions beside them. Each id is
 * one instance, however many pipelines name it; only what a pipeline or `service.extensions` names is made.
 */
export class Graph {
  readonly #pipelines: readonly Pipeline[];
  readonly #exporters: ReadonlyMap<string, Exporter>;
  readonly #extensions: ReadonlyMap<string, Component>;
  /** In the order in which they start; stopped the other way round. Those of one group do not need each other. */
  readonly #groups: readonly (readonly Part[])[];
  readonly #world: World;
  #started = 0;
  #ready = false;

  /** Makes all components, and starts none. */
  constructor(config: Config, world: World) {
    this.#world = world;
    this.#exporters = makeExporters(config, world);
    this.#pipelines = config.pipelines.map(
      (pipeline) => new Pipeline(config, pipeline, this.#exporters, world),
    );
    this.#extensions = makeExtensions(config, () => this.#ready, world);
    const extensions = [...this.#extensions].map(([id, extension]) => part(`extension ${id}`, extension));
    const exporters = [...this.#exporters].map(([id, exporter]) => part(`exporter ${id}`, exporter));
    const pipelines = this.#pipelines.map((pipeline) => part(`pipeline ${pipeline.id}`, pipeline));
    const receivers = makeReceivers(config, this.#pipelines, world);
    this.#groups = [...extensions.map((extension) => [extension]), exporters, pipelines, receivers];
  }

  /** Whether every component is started and none has been stopped. */
  get ready(): boolean {
    return this.#ready;
  }

  /** By id; those that pipelines name. */
  get exporters(): ReadonlyMap<string, Exporter> {
    return this.#exporters;
  }

  /** By id; those that run. */
  get extensions(): ReadonlyMap<string, Component> {
    return this.#extensions;
  }

  /** The pipeline that brings what it takes of the signal to the exporter; of several the one that does least besides. */
  pipelineTo(exporter: string, signal: Signal): Pipeline | undefined {
    return this.#pipelines
      .filter((pipeline) => pipeline.signal === signal && pipeline.exporters.includes(exporter))
      .toSorted((a, b) => a.steps - b.steps)[0];
  }

  pipelines(): readonly PipelineStatus[] {
    return this.#ready ? this.#pipelines.map((pipeline) => pipeline.status()) : [];
  }

  /**
   * Sinks first, receivers last, so that nobody receives what cannot be passed on. Rejects with one StartError for all
   * components of a group that cannot start; `stop` is to be called then too.
   */
  async start(): Promise<void> {
    for (const group of this.#groups) {
      this.#started++;
      const results = await Promise.allSettled(group.map((each) => each.start()));
      const failed = results.flatMap((result, index) =>
        result.status === 'rejected' ? [failure(group[index]!.name, result.reason)] : [],
      );
      if (failed.length > 0) throw merge(failed);
    }
    this.#ready = true;
    this.#warnOfOtherJournals();
    meterPipelines(this.#world.meter, () => this.pipelines());
  }

  /**
   * Receivers first; what they accepted is then finished, and exporters get `graceMs` for what is in the journal. The
   * rest stays there. Never rejects: what cannot stop is logged.
   */
  async stop(graceMs: number): Promise<void> {
    this.#ready = false;
    for (const group of this.#groups.slice(0, this.#started).toReversed()) {
      await Promise.all(group.map((each) => this.#stopOne(each, graceMs)));
    }
  }

  /** What a pipeline left in its journal waits for it, should it come back; nobody else would ever mention it. */
  #warnOfOtherJournals(): void {
    const ids = this.#pipelines.map(({ id }) => id);
    for (const pipeline of journaledPipelines(this.#world.directory).filter((id) => !ids.includes(id)))
      this.#world.log('service').warn('the journal of a pipeline that is not in the configuration is kept', {
        pipeline,
        directory: journalDirectory(this.#world.directory, pipeline),
      });
  }

  async #stopOne(each: Part, graceMs: number): Promise<void> {
    try {
      await each.stop(graceMs);
    } catch (error) {
      this.#world
        .log('service')
        .error('a component did not stop cleanly', { component: each.name, error: String(error) });
    }
  }
}

function part(name: string, component: Omit<Part, 'name'>): Part {
  return { name, start: () => component.start(), stop: (graceMs) => component.stop(graceMs) };
}

function makeExporters(config: Config, world: World): Map<string, Exporter> {
  const ids = new Set(config.pipelines.flatMap((pipeline) => pipeline.exporters));
  return new Map(
    [...ids].map((id) => {
      const { definition, config: settings } = config.components.exporters.get(id)!;
      return [id, definition.create(settings, envOf(world, placeOf('exporter', id)))];
    }),
  );
}

function makeExtensions(config: Config, ready: () => boolean, world: World): Map<string, Component> {
  return new Map(
    config.service.extensions.map((id) => {
      const { definition, config: settings } = config.components.extensions.get(id)!;
      return [id, definition.create(settings, ready, envOf(world, placeOf('extension', id)))];
    }),
  );
}

function makeReceivers(config: Config, pipelines: readonly Pipeline[], world: World): Part[] {
  const ids = new Set(config.pipelines.flatMap((pipeline) => pipeline.receivers));
  return [...ids].map((id) => {
    const inputs = (signal: Signal) =>
      config.pipelines.flatMap((pipeline, index) =>
        pipeline.signal === signal && pipeline.receivers.includes(id) ? [pipelines[index]!.input] : [],
      );
    const next: Partial<Record<Signal, Consumer>> = {};
    for (const signal of ['traces', 'logs'] as const) {
      const consumers = inputs(signal);
      if (consumers.length > 0) next[signal] = fanOut(consumers);
    }
    const { definition, config: settings } = config.components.receivers.get(id)!;
    return part(`receiver ${id}`, definition.create(settings, next, envOf(world, placeOf('receiver', id))));
  });
}

function failure(name: string, reason: unknown): Error {
  if (reason instanceof StartError) {
    const named = reason.message.startsWith(`${name} `);
    return named ? reason : new StartError(`${name}: ${reason.message}`, { cause: reason });
  }
  return new Error(`${name} cannot start`, { cause: reason });
}

function merge(failed: readonly Error[]): Error {
  const unexpected = failed.find((error) => !(error instanceof StartError));
  if (unexpected) return unexpected;
  return new StartError(failed.map((error) => error.message).join('\n'));
}
