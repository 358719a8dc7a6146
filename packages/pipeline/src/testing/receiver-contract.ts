import { InvalidData, Overloaded, StartError } from '@throughline/model';
import type { Batch, Signal } from '@throughline/wire';
import { expect } from 'vitest';
import type { Component, Consumer, Listener, ReceiverDefinition } from '../component.ts';
import { configCases, readSection } from './config-cases.ts';
import { runCases, type Excuses } from './contract.ts';
import { kitEnv, type KitEnv } from './kit-env.ts';

/** What a sender is told: it is taken; it never will be; try again (later). */
export type Answer = 'taken' | 'refused' | 'try again';

export interface ReceiverKit {
  readonly definition: ReceiverDefinition;
  /** A section of a file in which everything listens on free ports (`127.0.0.1:0`). */
  readonly section: Readonly<Record<string, unknown>>;
  readonly signal: Signal;
  /** Sends `items` good items as a real client does, and says what it was told; rejects when there is no answer. */
  send(listeners: readonly Listener[], items: number): Promise<Answer>;
  /** The section again, with the ports on which the receiver now listens. */
  sameAddress(listeners: readonly Listener[]): Readonly<Record<string, unknown>>;
}

interface Setup extends ReceiverKit {
  readonly env: KitEnv;
  readonly taken: Batch[];
  /** What the pipeline does with the next batches. */
  pipeline: (batch: Batch) => Promise<void>;
  create(section?: Readonly<Record<string, unknown>>): Component;
}

const cases = {
  ...configCases,
  'hands what is sent to the pipeline, and counts it': async (it: Setup) => {
    await it.create().start();
    expect(await it.send(it.env.listeners, 3)).toBe('taken');
    expect(it.taken.reduce((sum, { items }) => sum + items, 0)).toBe(3);
    expect(it.env.counted(counter('accepted', it.signal))).toBe(3);
    expect(it.env.counted(counter('refused', it.signal))).toBe(0);
  },
  'answers only when the pipeline has said what becomes of the data': async (it: Setup) => {
    let refuse = () => {};
    const entered = new Promise<void>((enter) => {
      it.pipeline = () => {
        enter();
        return new Promise((_, reject) => (refuse = () => reject(new Overloaded('full after all', 1000))));
      };
    });
    await it.create().start();
    const answer = it.send(it.env.listeners, 1);
    await entered;
    await new Promise(setImmediate);
    refuse();
    expect(await answer).toBe('try again');
  },
  'asks the sender to come back when the pipeline has no room, and counts that': async (it: Setup) => {
    it.pipeline = () => Promise.reject(new Overloaded('full', 1000));
    await it.create().start();
    expect(await it.send(it.env.listeners, 2)).toBe('try again');
    expect(it.env.counted(counter('refused', it.signal))).toBe(2);
    expect(it.env.counted(counter('accepted', it.signal))).toBe(0);
  },
  'asks the sender to come back when the pipeline fails': async (it: Setup) => {
    it.pipeline = () => Promise.reject(new Error('disk broken'));
    await it.create().start();
    expect(await it.send(it.env.listeners, 1)).toBe('try again');
  },
  'tells the sender when the pipeline will never take the data': async (it: Setup) => {
    it.pipeline = () => Promise.reject(new InvalidData('no'));
    await it.create().start();
    expect(await it.send(it.env.listeners, 1)).toBe('refused');
  },
  'answers what it was taking when it is stopped': async (it: Setup) => {
    let release = () => {};
    const entered = new Promise<void>((enter) => {
      it.pipeline = () => {
        enter();
        return new Promise((resolve) => (release = resolve));
      };
    });
    const receiver = it.create();
    await receiver.start();
    const answer = it.send(it.env.listeners, 1);
    await entered;
    const stopped = receiver.stop();
    release();
    expect(await answer).toBe('taken');
    await stopped;
  },
  'frees its address when it stops': async (it: Setup) => {
    const first = it.create();
    await first.start();
    const section = it.sameAddress(it.env.listeners);
    await first.stop();
    const second = it.create(section);
    await second.start();
    expect(await it.send(it.env.listeners.slice(-it.env.listeners.length / 2), 1)).toBe('taken');
  },
  'says in one sentence that its address is in use, and can be stopped then': async (it: Setup) => {
    await it.create().start();
    const second = it.create(it.sameAddress(it.env.listeners));
    await expect(second.start()).rejects.toThrow(StartError);
    await second.stop();
  },
  'can be stopped without having been started': async (it: Setup) => {
    await it.create().stop();
  },
};

/** Checks that a receiver does what pipelines and senders rely on. Call it at the top of a test file. */
export function receiverContract(
  name: string,
  kit: () => Promise<ReceiverKit>,
  excuses: Excuses<typeof cases> = {},
): void {
  runCases<Setup, typeof cases>(name, cases, (after) => setup(kit, after), excuses);
}

async function setup(
  kit: () => Promise<ReceiverKit>,
  after: (cleanUp: () => Promise<void> | void) => void,
): Promise<Setup> {
  const given = await kit();
  const env = kitEnv(given.definition.type);
  after(() => env.clear());
  const taken: Batch[] = [];
  const it: Setup = {
    ...given,
    env,
    taken,
    pipeline: async () => {},
    create(section = given.section) {
      const next: Consumer = {
        async consume(batch) {
          await it.pipeline(batch);
          taken.push({ ...batch, bytes: Uint8Array.from(batch.bytes) });
        },
      };
      const config = readSection({ definition: given.definition, section });
      const receiver = given.definition.create(config, { [given.signal]: next }, env);
      let stopped: Promise<void> | undefined;
      const component = { start: () => receiver.start(), stop: () => (stopped ??= receiver.stop()) };
      after(() => component.stop());
      return component;
    },
  };
  return it;
}

function counter(what: 'accepted' | 'refused', signal: Signal): string {
  return `otelcol_receiver_${what}_${signal === 'traces' ? 'spans' : 'log_records'}`;
}
