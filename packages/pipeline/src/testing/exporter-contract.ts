import { join } from 'node:path';
import { Journal } from '@throughline/journal';
import { InvalidData, Overloaded } from '@throughline/model';
import type { Batch } from '@throughline/wire';
import { expect } from 'vitest';
import type { Exporter, ExporterDefinition } from '../component.ts';
import { readRange, type JournalRange } from '../journal-range.ts';
import { configCases, readSection } from './config-cases.ts';
import { runCases, type Excuses } from './contract.ts';
import { kitEnv } from './kit-env.ts';

export interface ExporterKit {
  readonly definition: ExporterDefinition;
  /** A section of a file that points at the backend. */
  readonly section: Readonly<Record<string, unknown>>;
  /** What is delivered: at least two batches, all different. */
  readonly batches: readonly Batch[];
  /** Spans or log records that the backend has now; one that was sent twice may count twice. */
  received(): Promise<number>;
  /** How the backend answers from now on. `busy`: come back in 7 seconds. `silent`: never. */
  answer(how: 'normally' | 'never takes it' | 'busy' | 'fails' | 'silent'): Promise<void>;
  /** Frees the backend. */
  close?(): Promise<void>;
}

interface Setup extends ExporterKit {
  readonly exporter: Exporter;
  readonly items: number;
  range(): JournalRange;
  readonly stop: AbortController;
}

const cases = {
  ...configCases,
  'resolves when the backend has the whole range': async (it: Setup) => {
    await it.exporter.start();
    await it.exporter.deliver(it.range());
    expect(await it.received()).toBe(it.items);
  },
  'delivers the same range again when it is asked to': async (it: Setup) => {
    await it.exporter.start();
    await it.exporter.deliver(it.range());
    await it.exporter.deliver(it.range());
    expect(await it.received()).toBeGreaterThanOrEqual(it.items);
  },
  'rejects with InvalidData what the backend will never take': async (it: Setup) => {
    await it.exporter.start();
    await it.answer('never takes it');
    await expect(it.exporter.deliver(it.range())).rejects.toThrow(InvalidData);
  },
  'rejects with another error while the backend fails, and delivers once it does not': async (it: Setup) => {
    await it.exporter.start();
    await it.answer('fails');
    const failure = await it.exporter.deliver(it.range()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(InvalidData);
    await it.answer('normally');
    await it.exporter.deliver(it.range());
    expect(await it.received()).toBeGreaterThanOrEqual(it.items);
  },
  'passes on when a busy backend wants to be asked again': async (it: Setup) => {
    await it.exporter.start();
    await it.answer('busy');
    const failure = await it.exporter.deliver(it.range()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Overloaded);
    expect((failure as Overloaded).retryAfterMs).toBe(7000);
  },
  'gives up a delivery that is aborted': async (it: Setup) => {
    await it.exporter.start();
    await it.answer('silent');
    const delivery = it.exporter.deliver(it.range());
    setImmediate(() => it.stop.abort());
    const failure = await delivery.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(InvalidData);
  },
  'says how much it wants at once': async (it: Setup) => {
    await it.exporter.start();
    expect(it.exporter.delivery.maxBytes).toBeGreaterThan(0);
    expect(it.exporter.delivery.maxDelayMs).toBeGreaterThanOrEqual(0);
  },
  'can be stopped without having been started': async (it: Setup) => {
    await it.exporter.stop();
  },
};

/** Checks that an exporter does what deliveries rely on. Call it at the top of a test file. */
export function exporterContract(
  name: string,
  kit: () => Promise<ExporterKit>,
  excuses: Excuses<typeof cases> = {},
): void {
  runCases<Setup, typeof cases>(name, cases, (after) => setup(kit, after), excuses);
}

async function setup(
  kit: () => Promise<ExporterKit>,
  after: (cleanUp: () => Promise<void> | void) => void,
): Promise<Setup> {
  const given = await kit();
  after(() => given.close?.());
  const env = kitEnv(given.definition.type);
  after(() => env.clear());
  const journal = await Journal.open({
    directory: join(env.directory, 'journal'),
    minFreeBytes: 0,
    log: env.log,
  });
  after(() => journal.close());
  for (const { bytes, items } of given.batches) await journal.append(bytes, items);
  const { id, directory, start: from, end: to } = journal;
  const { signal } = given.batches[0]!;
  const items = given.batches.reduce((sum, batch) => sum + batch.items, 0);
  const stop = new AbortController();
  const range = (): JournalRange => ({
    signal,
    directory,
    from,
    to,
    items,
    token: `${id}:${from}-${to}`,
    begunMs: Date.now(),
    batches: () => readRange(directory, signal, from, to),
    abort: stop.signal,
  });
  const created = given.definition.create(readSection(given), env);
  let stopped: Promise<void> | undefined;
  const exporter: Exporter = {
    start: () => created.start(),
    stop: () => (stopped ??= created.stop()),
    get delivery() {
      return created.delivery;
    },
    deliver: (each) => created.deliver(each),
  };
  after(() => exporter.stop());
  return { ...given, exporter, items, range, stop };
}
