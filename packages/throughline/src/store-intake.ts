import { Overloaded } from '@throughline/model';
import type { Graph } from '@throughline/pipeline';
import type { Intake } from '@throughline/query';
import { setTimeout } from 'node:timers/promises';

const signals = ['traces', 'logs'] as const;
const pollMs = 20;

/** The way into the store of an exporter through the pipelines that have it: their processors, their journal. */
export function storeIntake(graph: Graph, exporter: string): Intake {
  const pipelines = {
    traces: graph.pipelineTo(exporter, 'traces'),
    logs: graph.pipelineTo(exporter, 'logs'),
  };
  return {
    keeps: (signal) => pipelines[signal] !== undefined,
    async take(batch) {
      if (!graph.ready) throw new Overloaded('the pipelines are not running now', 200);
      await pipelines[batch.signal]!.input.consume(batch);
    },
    async stored(withinMs) {
      const ends = signals.flatMap((signal) => {
        const pipeline = pipelines[signal];
        return pipeline && graph.ready ? [{ pipeline, end: pipeline.end }] : [];
      });
      for (const deadline = Date.now() + withinMs; ; await setTimeout(pollMs)) {
        if (ends.every(({ pipeline, end }) => pipeline.hasDelivered(exporter, end))) return true;
        if (Date.now() > deadline || !graph.ready) return false;
      }
    },
  };
}
