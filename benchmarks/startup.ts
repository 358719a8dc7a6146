// From the start of the process to the ready line, on a new data folder and on one that is there; memory when idle.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { allInOne, Throughline } from '../e2e/support/throughline.ts';
import { median, round } from './numbers.ts';
import { ProcessTree } from './processes.ts';

export const options = { rounds: 10, idleSeconds: 5 };

export interface StartupResult {
  readonly startup: readonly {
    readonly program: string;
    readonly readyMedianMs: number;
    readonly readySlowestMs: number;
    readonly cpuSeconds: number;
    readonly idleRssMb: number;
    readonly idleAnonymousMb: number;
  }[];
}

/** Receives and passes on, and stores nothing: the embedded ClickHouse is not loaded. */
const agent = `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}, http: {endpoint: "127.0.0.1:0"}}}}
exporters: {otlp_http: {endpoint: "http://127.0.0.1:9"}}
service:
  telemetry: {metrics: {address: "127.0.0.1:0"}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}
`;

export async function run({ rounds, idleSeconds } = options): Promise<StartupResult> {
  const kept = await Throughline.start({ config: allInOne });
  kept.signal('SIGTERM');
  await kept.exited;
  const startup = [
    await measure(
      'all-in-one, new data folder',
      () => Throughline.start({ config: allInOne }),
      rounds,
      idleSeconds,
    ),
    await measure(
      'all-in-one, known data folder',
      () => Throughline.start({ config: allInOne, dataDirectory: kept.dataDirectory }),
      rounds,
      idleSeconds,
    ),
    await measure('agent, forwards only', () => Throughline.start({ config: agent }), rounds, idleSeconds),
  ];
  kept.remove();
  console.table(startup);
  return { startup };
}

async function measure(
  program: string,
  start: () => Promise<Throughline>,
  rounds: number,
  idleSeconds: number,
) {
  const ready: number[] = [];
  const cpu: number[] = [];
  let memory = { rssMb: Number.NaN, anonymousMb: Number.NaN };
  for (let each = 0; each < rounds; each++) {
    const begun = performance.now();
    const running = await start();
    ready.push(performance.now() - begun);
    const processes = new ProcessTree(running.pid);
    cpu.push(processes.cpuSeconds());
    if (each === rounds - 1) {
      await sleep(idleSeconds * 1000);
      memory = processes.memory();
    }
    await running.stop();
  }
  return {
    program,
    readyMedianMs: round(median(ready)),
    readySlowestMs: round(Math.max(...ready)),
    cpuSeconds: round(median(cpu)),
    idleRssMb: round(memory.rssMb),
    idleAnonymousMb: round(memory.anonymousMb),
  };
}
