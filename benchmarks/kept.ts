import type { Machine } from './machine.ts';

/** A benchmark's result as benchmarks/results/NAME.json keeps it. */
export interface Kept {
  readonly benchmark: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Average number of processes that wanted a CPU in the minute before it began. */
  readonly loadBefore: number;
  readonly options: object;
  readonly result: object;
}
