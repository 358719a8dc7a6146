import type { Batch } from '@throughline/wire';
import { expect } from 'vitest';
import type { Component, Consumer, ProcessorDefinition } from '../component.ts';
import { configCases, readSection } from './config-cases.ts';
import { runCases, type Excuses } from './contract.ts';
import { kitEnv } from './kit-env.ts';

export interface ProcessorKit {
  readonly definition: ProcessorDefinition;
  /** A section of a file with which nothing is dropped. */
  readonly section: Readonly<Record<string, unknown>>;
  readonly batches: readonly Batch[];
}

interface Setup extends ProcessorKit {
  readonly processor: Component & Consumer;
  readonly passed: Batch[];
  next: () => Promise<void>;
}

const cases = {
  ...configCases,
  'hands on everything by the time it has stopped': async (it: Setup) => {
    await it.processor.start();
    const taken = Promise.all(it.batches.map((batch) => it.processor.consume(batch)));
    await Promise.all([taken, it.processor.stop()]);
    expect(itemsOf(it.passed)).toBe(itemsOf(it.batches));
  },
  'leaves the bytes that it is given as they are': async (it: Setup) => {
    const before = it.batches.map(({ bytes }) => Buffer.from(bytes));
    await it.processor.start();
    await Promise.all(it.batches.map((batch) => it.processor.consume(batch)));
    await it.processor.stop();
    expect(it.batches.map(({ bytes }) => Buffer.from(bytes))).toEqual(before);
  },
  'fails as the next one fails': async (it: Setup) => {
    it.next = () => Promise.reject(new Error('the next one failed'));
    await it.processor.start();
    await expect(it.processor.consume(it.batches[0]!)).rejects.toThrow('the next one failed');
  },
  'can be stopped without having been started': async (it: Setup) => {
    await it.processor.stop();
  },
};

/** Checks that a processor does what pipelines rely on. Call it at the top of a test file. */
export function processorContract(
  name: string,
  kit: () => Promise<ProcessorKit>,
  excuses: Excuses<typeof cases> = {},
): void {
  runCases<Setup, typeof cases>(
    name,
    cases,
    async (after) => {
      const given = await kit();
      const env = kitEnv(given.definition.type);
      after(() => env.clear());
      const passed: Batch[] = [];
      const next: Consumer = {
        async consume(batch) {
          await it.next();
          passed.push(batch);
        },
      };
      const created = given.definition.create(readSection(given), next, env);
      let stopped: Promise<void> | undefined;
      const processor = {
        start: () => created.start(),
        stop: () => (stopped ??= created.stop()),
        consume: (batch: Batch) => created.consume(batch),
      };
      const it: Setup = { ...given, processor, passed, next: async () => {} };
      after(() => processor.stop());
      return it;
    },
    excuses,
  );
}

function itemsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { items }) => sum + items, 0);
}
