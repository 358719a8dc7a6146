import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Journal, type JournalStats } from '@throughline/journal';
import type { Signal } from '@throughline/wire';
import type { Component, Consumer, Exporter } from './component.ts';
import type { Config, PipelineConfig } from './config/load.ts';
import { Delivery, deliveryMetrics } from './delivery.ts';
import { envOf, type World } from './world.ts';

/** A pipeline's journal, and how far behind each exporter is. */
export interface PipelineStatus extends JournalStats {
  readonly pipeline: string;
  readonly consumers: readonly { readonly exporter: string; readonly lagBytes: number }[];
}

type Processor = Component & Consumer;

/** Processors, the journal behind them, and a delivery for each exporter. */
export class Pipeline implements Component {
  readonly id: string;
  /** Takes batches once the pipeline is started; resolves when they are in the journal or a processor has them. */
  readonly input: Consumer;
  readonly #pipeline: PipelineConfig;
  readonly #service: Config['service'];
  readonly #journalShare: number;
  readonly #exporters: ReadonlyMap<string, Exporter>;
  readonly #world: World;
  /** In the order in which data passes them. */
  readonly #processors: readonly Processor[];
  #journal: Journal | undefined;
  #deliveries = new Map<string, Delivery>();

  constructor(
    config: Config,
    pipeline: PipelineConfig,
    exporters: ReadonlyMap<string, Exporter>,
    world: World,
  ) {
    this.id = pipeline.id;
    this.#pipeline = pipeline;
    this.#service = config.service;
    this.#journalShare = Math.floor(config.service.journal.maxSize / config.pipelines.length);
    this.#exporters = exporters;
    this.#world = world;
    const processors: Processor[] = [];
    let next: Consumer = {
      consume: async ({ bytes, items }) => {
        if (items > 0) await this.#opened.append(bytes, items);
      },
    };
    for (const id of pipeline.processors.toReversed()) {
      const { definition, config: settings } = config.components.processors.get(id)!;
      const env = envOf(world, {
        id,
        component: `${this.#path}.${id}`,
        folder: ['processors', pipeline.id, id],
        labels: { processor: id, pipeline: pipeline.id },
      });
      const processor = definition.create(settings, next, env);
      processors.unshift(processor);
      next = processor;
    }
    this.#processors = processors;
    this.input = next;
  }

  /** Opens the journal, and begins to deliver what it holds. */
  async start(): Promise<void> {
    this.#journal = await Journal.open({
      directory: journalDirectory(this.#world.directory, this.id),
      maxBytes: this.#journalShare,
      minFreeBytes: this.#service.journal.minFreeSpace,
      log: this.#world.log(this.#path),
    });
    await this.#forgetOthers();
    for (const id of this.#pipeline.exporters) this.#deliveries.set(id, this.#deliveryTo(id));
    for (const delivery of this.#deliveries.values()) delivery.start();
    for (const processor of this.#processors.toReversed()) await processor.start();
  }

  /** Processors hand on what they hold; then exporters get `graceMs` for what is in the journal. */
  async stop(graceMs = 0): Promise<void> {
    for (const processor of this.#processors) await processor.stop();
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop(graceMs)));
    await this.#journal?.close();
  }

  status(): PipelineStatus {
    const consumers = [...this.#deliveries].map(([exporter, { lagBytes }]) => ({ exporter, lagBytes }));
    return { pipeline: this.id, ...this.#opened.stats(), consumers };
  }

  /** Whether the exporter has been given everything that is in the journal up to `position`. */
  hasDelivered(exporter: string, position: number): boolean {
    const delivery = this.#deliveries.get(exporter);
    return delivery !== undefined && this.#opened.end - delivery.lagBytes >= position;
  }

  /** Where the journal ends now. */
  get end(): number {
    return this.#opened.end;
  }

  /** Its exporters, and how much else it does: fewer is plainer. */
  get exporters(): readonly string[] {
    return this.#pipeline.exporters;
  }

  get signal(): Signal {
    return this.#pipeline.signal;
  }

  get steps(): number {
    return this.#pipeline.processors.length + this.#pipeline.exporters.length;
  }

  get #path(): string {
    return `service.pipelines.${this.id}`;
  }

  get #opened(): Journal {
    if (!this.#journal) throw new Error(`pipeline ${this.id} is not started`);
    return this.#journal;
  }

  /** Without this, an exporter that has left the configuration would hold its data in the journal until it is full. */
  async #forgetOthers(): Promise<void> {
    for (const { name, position } of this.#opened.cursors()) {
      if (this.#pipeline.exporters.includes(name)) continue;
      const undelivered_bytes = this.#opened.end - position;
      this.#world.log(this.#path).warn('exporter is no longer in the pipeline, forgetting its place', {
        exporter: name,
        undelivered_bytes,
      });
      await this.#opened.removeCursor(name);
    }
  }

  #deliveryTo(exporterId: string): Delivery {
    const { clock, random, meter, log } = this.#world;
    const { signal } = this.#pipeline;
    return new Delivery({
      pipeline: this.id,
      signal,
      exporterId,
      exporter: this.#exporters.get(exporterId)!,
      journal: this.#opened,
      cursor: this.#opened.cursor(exporterId),
      clock,
      random,
      log: log(`exporters.${exporterId}`),
      metrics: deliveryMetrics(meter, { pipeline: this.id, signal, exporter: exporterId }),
    });
  }
}

/** The folder of a pipeline's journal in the data folder. */
export function journalDirectory(dataDirectory: string, pipelineId: string): string {
  return join(dataDirectory, 'journal', encodeURIComponent(pipelineId));
}

/** Ids of the pipelines that have a journal in the data folder. */
export function journaledPipelines(dataDirectory: string): string[] {
  return readdirSync(join(dataDirectory, 'journal')).map(decodeURIComponent);
}
