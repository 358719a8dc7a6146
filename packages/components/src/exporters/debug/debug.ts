import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { StartError } from '@throughline/model';
import {
  defineExporter,
  type Env,
  type Exporter,
  type JournalRange,
  sendingQueue,
} from '@throughline/pipeline';
import { type Batch, decodeLogs, decodeTraces } from '@throughline/wire';
import { z } from 'zod';
import { detailedLogs, detailedTraces } from './detailed.ts';
import { countResources } from './groups.ts';
import { normalLogs, normalTraces } from './normal.ts';

const config = z
  .strictObject({
    verbosity: z
      .enum(['basic', 'normal', 'detailed'])
      .default('basic')
      .describe('`basic`: a line for each batch; `normal`: one for each item too; `detailed`: everything.'),
    samplingInitial: z
      .int()
      .nonnegative()
      .default(2)
      .describe('How many batches are always shown each second.'),
    samplingThereafter: z
      .int()
      .nonnegative()
      .default(1)
      .describe('After those, one batch in so many is shown. 1: all, 0: none.'),
    useInternalLogger: z
      .boolean()
      .default(true)
      .describe("Write into this program's own log, which has levels and limits of its own."),
    outputPaths: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Where else to write: `stdout`, `stderr`, files. Default: `stdout`.'),
    sendingQueue: sendingQueue(),
  })
  .refine(({ useInternalLogger, outputPaths }) => !useInternalLogger || outputPaths === undefined, {
    error: 'needs use_internal_logger: false',
    path: ['outputPaths'],
  })
  .describe('Shows what passes, for finding faults.');

type DebugConfig = z.output<typeof config>;

/** Shows what passes, with the Collector's words. */
export const debug = defineExporter({
  type: 'debug',
  signals: ['traces', 'logs'],
  config,
  create: (settings, env) => new DebugExporter(settings, env),
});

class DebugExporter implements Exporter {
  readonly delivery = { maxBytes: 1024 * 1024, maxDelayMs: 0 };
  readonly #config: DebugConfig;
  readonly #env: Env;
  #outputs: (NodeJS.WriteStream | WriteStream)[] = [];
  #second = 0;
  #shownInSecond = 0;

  constructor(settings: DebugConfig, env: Env) {
    this.#config = settings;
    this.#env = env;
  }

  async start(): Promise<void> {
    if (this.#config.useInternalLogger) return;
    this.#outputs = await Promise.all((this.#config.outputPaths ?? ['stdout']).map(openOutput));
  }

  async stop(): Promise<void> {
    for (const output of this.#outputs)
      if (output !== process.stdout && output !== process.stderr)
        await new Promise<void>((resolve) => output.end(resolve));
  }

  async deliver(range: JournalRange): Promise<void> {
    for await (const batch of range.batches()) if (this.#sampled()) this.#show(batch);
  }

  #show(batch: Batch): void {
    const traces = batch.signal === 'traces';
    this.#write(traces ? 'Traces' : 'Logs', {
      [traces ? 'resource spans' : 'resource logs']: countResources(batch.bytes),
      [traces ? 'spans' : 'log records']: batch.items,
    });
    const text = textOf(batch, this.#config.verbosity);
    if (text !== '') this.#write(text);
  }

  #write(text: string, fields?: Record<string, unknown>): void {
    if (this.#config.useInternalLogger) return this.#env.log.info(text, fields);
    const line = fields ? `${text}\t${JSON.stringify(fields)}\n` : `${text}\n`;
    for (const output of this.#outputs) output.write(line);
  }

  /** The first few of each second, and then every so manieth. */
  #sampled(): boolean {
    const { samplingInitial, samplingThereafter } = this.#config;
    const second = Math.floor(this.#env.now() / 1000);
    if (second !== this.#second) this.#shownInSecond = 0;
    this.#second = second;
    const beyond = ++this.#shownInSecond - samplingInitial;
    return beyond <= 0 || (samplingThereafter > 0 && beyond % samplingThereafter === 0);
  }
}

function textOf({ signal, bytes }: Batch, verbosity: DebugConfig['verbosity']): string {
  if (verbosity === 'basic') return '';
  const detailed = verbosity === 'detailed';
  if (signal === 'traces') return (detailed ? detailedTraces : normalTraces)(decodeTraces(bytes));
  return (detailed ? detailedLogs : normalLogs)(decodeLogs(bytes));
}

async function openOutput(path: string): Promise<NodeJS.WriteStream | WriteStream> {
  if (path === 'stdout') return process.stdout;
  if (path === 'stderr') return process.stderr;
  const file = createWriteStream(path, { flags: 'a' });
  try {
    await once(file, 'open');
  } catch (error) {
    throw new StartError(`exporter debug cannot write to ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return file;
}
