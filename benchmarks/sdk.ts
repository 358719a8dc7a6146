// What a span costs the application that makes it: the official batch processor and exporter beside this package's,
// in turns, each in a process of its own that exports to a receiver in another.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { median, round } from './numbers.ts';
import type { Burst, Cost, Job } from './sdk-service.ts';

export const options = { spans: 300_000, burst: 100_000, rounds: 5 };

const contestants = ['official', 'throughline'] as const;
const wires = ['http/protobuf', 'http/protobuf gzip', 'grpc'] as const;

export interface SdkResult {
  readonly cost: readonly {
    readonly exporter: string;
    readonly wire: string;
    readonly cpuMicrosPerSpan: number;
    readonly ofThatMakingTheSpan: number;
    readonly spansPerSecond: number;
    readonly peakRssMb: number;
  }[];
  readonly ratio: readonly { readonly wire: string; readonly cpuOfficialToThroughline: number }[];
  readonly burst: readonly {
    readonly exporter: string;
    readonly spans: number;
    readonly received: number;
    readonly dropped: number;
    readonly makingItMs: number;
    readonly peakRssMb: number;
  }[];
}

export async function run({ spans, burst, rounds } = options): Promise<SdkResult> {
  const receiver = await startReceiver();
  const runs: (Cost & { exporter: string; wire: string })[] = [];
  for (let each = 0; each < rounds; each++)
    for (const wire of wires)
      for (const exporter of contestants) {
        const job: Job = { exporter, wire, receiver: receiver.ports, spans, mode: 'cost' };
        runs.push({ exporter, wire, ...(await inService<Cost>(job)) });
      }
  const cost = wires.flatMap((wire) =>
    contestants.map((exporter) => {
      const own = runs.filter((each) => each.wire === wire && each.exporter === exporter);
      const of = (key: keyof Cost) => round(median(own.map((each) => each[key])));
      return {
        exporter,
        wire,
        cpuMicrosPerSpan: of('cpuMicrosPerSpan'),
        ofThatMakingTheSpan: of('ofThatMakingTheSpan'),
        spansPerSecond: of('spansPerSecond'),
        peakRssMb: of('peakRssMb'),
      };
    }),
  );
  const ratio = wires.map((wire) => {
    const [official, own] = cost.filter((each) => each.wire === wire).map((each) => each.cpuMicrosPerSpan);
    return { wire, cpuOfficialToThroughline: round(official! / own!) };
  });
  const bursts: SdkResult['burst'][number][] = [];
  for (const exporter of contestants) {
    const before = await receiver.spans();
    const job: Job = {
      exporter,
      wire: 'http/protobuf',
      receiver: receiver.ports,
      spans: burst,
      mode: 'burst',
    };
    const { makingItMs, peakRssMb } = await inService<Burst>(job);
    const received = (await receiver.spans()) - before;
    const dropped = burst - received;
    bursts.push({
      exporter,
      spans: burst,
      received,
      dropped,
      makingItMs: round(makingItMs),
      peakRssMb: round(peakRssMb),
    });
  }
  receiver.stop();
  console.table(cost);
  console.table(ratio);
  console.table(bursts);
  return { cost, ratio, burst: bursts };
}

/** Runs sdk-service.ts on the built packages, as an application would, and resolves with what it measured. */
async function inService<Measured>(job: Job): Promise<Measured> {
  const child = spawned('sdk-service.ts', [JSON.stringify(job)]);
  const [measured] = (await once(child, 'message')) as [Measured];
  await once(child, 'exit');
  return measured;
}

async function startReceiver() {
  const child = spawned('sdk-receiver.ts', []);
  const [ports] = (await once(child, 'message')) as [Job['receiver']];
  return {
    ports,
    /** Received so far. */
    spans: async () => {
      child.send('spans');
      const [spans] = (await once(child, 'message')) as [number];
      return spans;
    },
    stop: () => child.disconnect(),
  };
}

function spawned(file: string, args: readonly string[]): ChildProcess {
  const typescript = ['--import', join(import.meta.dirname, '..', 'scripts', 'typescript.mjs')];
  const child = spawn(process.execPath, [...typescript, join(import.meta.dirname, file), ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'] },
  });
  child.once('exit', (code) => {
    if (code !== 0) throw new Error(`${file} ended with ${code}`);
  });
  return child;
}
