// Spans in over OTLP until they can be queried: rate, CPU time, memory, disk, latency. Runs the built program, as
// without a configuration but for its ports, once for each protocol.
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedEngine } from '../packages/store/src/engine/embedded-engine.ts';
import { tables } from '../packages/store/src/schema/migrations.ts';
import { eventually } from '../e2e/support/eventually.ts';
import { Throughline } from '../e2e/support/throughline.ts';
import { measureFreshness, type Freshness } from './freshness.ts';
import { Traffic } from './generator.ts';
import { round } from './numbers.ts';
import { ProcessTree } from './processes.ts';
import { load, type LoadOptions } from './senders.ts';

export const options = {
  /** Sent as fast as they are taken, over each protocol. */
  spans: 2_000_000,
  connections: 8,
  /** Then the same program is sent this many a second, for this long. */
  steadyRate: 50_000,
  steadySeconds: 30,
};
type Options = typeof options;

interface Fast {
  readonly protocol: string;
  readonly spans: number;
  /** Wall-clock, from the first request until the last span could be queried; the generator runs beside. */
  readonly spansPerSecond: number;
  /** Of all the program's processes, user and system, until the last span could be queried. */
  readonly spansPerCpuSecond: number;
  /** The same, with the merges that ClickHouse did afterwards. */
  readonly spansPerCpuSecondWithMerges: number;
  readonly generatorSpansPerCpuSecond: number;
  readonly idleRssMb: number;
  readonly idleAnonymousMb: number;
  readonly peakRssMb: number;
  readonly afterRssMb: number;
  readonly afterAnonymousMb: number;
}

interface Steady extends Freshness {
  readonly protocol: string;
  readonly spansPerSecond: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly cores: number;
}

/** Bytes on disk of active parts, as the program left them and when each table is one part. */
interface Disk {
  readonly table: string;
  readonly rows: number;
  readonly bytesPerSpan: number;
  readonly merged: number;
}

export interface IngestResult {
  readonly fast: readonly Fast[];
  readonly steady: readonly Steady[];
  readonly disk: readonly Disk[];
}

export async function run(asked: Options = options): Promise<IngestResult> {
  const result = { fast: [] as Fast[], steady: [] as Steady[], disk: [] as Disk[] };
  for (const protocol of ['grpc', 'http'] as const) {
    const program = await Throughline.start({ config });
    try {
      result.fast.push(await measureFast(program, protocol, asked));
      result.steady.push(await measureSteady(program, protocol, asked));
      program.signal('SIGTERM');
      await program.exited;
      if (protocol === 'grpc') result.disk.push(...(await measureDisk(program.dataDirectory)));
    } finally {
      await program.kill();
      program.remove();
    }
  }
  for (const rows of Object.values(result) as object[][]) console.table(rows);
  return result;
}

const config = `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}, http: {endpoint: "127.0.0.1:0"}}}}
exporters: {throughline: }
extensions: {health_check: {endpoint: "127.0.0.1:0"}, throughline_query: {endpoint: "127.0.0.1:0"}}
service:
  extensions: [health_check, throughline_query]
  telemetry: {metrics: {address: "127.0.0.1:0"}}
  pipelines:
    traces: {receivers: [otlp], exporters: [throughline]}
    logs: {receivers: [otlp], exporters: [throughline]}
`;

function target(program: Throughline, protocol: 'grpc' | 'http'): Pick<LoadOptions, 'protocol' | 'url'> {
  const [host] = program.url(protocol === 'grpc' ? 'OTLP/gRPC' : 'OTLP/HTTP').match(/[\w.]+:\d+/)!;
  return { protocol, url: `http://${host}` };
}

async function measureFast(
  program: Throughline,
  protocol: 'grpc' | 'http',
  { spans, connections }: Options,
): Promise<Fast> {
  const processes = new ProcessTree(program.pid);
  await calm(processes);
  const idle = processes.memory();
  const traffic = new Traffic();
  const own = process.cpuUsage();
  const cpu = processes.cpuSeconds();
  const begun = performance.now();
  processes.watchMemory();
  const { acknowledged, refused } = await load({ ...target(program, protocol), traffic, spans, connections });
  const { user, system } = process.cpuUsage(own);
  if (Object.keys(refused).length > 0) throw new Error(`spans were refused: ${JSON.stringify(refused)}`);
  await eventually(async () => (await storedSpans(program)) >= acknowledged, 120_000);
  const seconds = (performance.now() - begun) / 1000;
  const queryable = processes.cpuSeconds() - cpu;
  processes.unwatchMemory();
  await calm(processes);
  const after = processes.memory();
  return {
    protocol,
    spans: acknowledged,
    spansPerSecond: round(acknowledged / seconds),
    spansPerCpuSecond: round(acknowledged / queryable),
    spansPerCpuSecondWithMerges: round(acknowledged / (processes.cpuSeconds() - cpu)),
    generatorSpansPerCpuSecond: round(acknowledged / ((user + system) / 1e6)),
    idleRssMb: round(idle.rssMb),
    idleAnonymousMb: round(idle.anonymousMb),
    peakRssMb: round(processes.peakRssMb),
    afterRssMb: round(after.rssMb),
    afterAnonymousMb: round(after.anonymousMb),
  };
}

async function measureSteady(
  program: Throughline,
  protocol: 'grpc' | 'http',
  { steadyRate, steadySeconds, connections }: Options,
): Promise<Steady> {
  const processes = new ProcessTree(program.pid);
  const cpu = processes.cpuSeconds();
  const ended = new AbortController();
  const probing = measureFreshness(program.url('OTLP/HTTP'), program.url('UI and API'), ended.signal);
  const { spansPerSecond, ackP50Ms, ackP99Ms, seconds } = await load({
    ...target(program, protocol),
    traffic: new Traffic({ seed: 2 }),
    spans: steadyRate * steadySeconds,
    spansPerSecond: steadyRate,
    connections,
  });
  ended.abort();
  return {
    protocol,
    spansPerSecond: round(spansPerSecond),
    ackP50Ms: round(ackP50Ms),
    ackP99Ms: round(ackP99Ms),
    ...(await probing),
    cores: round((processes.cpuSeconds() - cpu) / seconds),
  };
}

async function storedSpans(program: Throughline): Promise<number> {
  const answer = await fetch(`${program.url('UI and API')}/throughline/v1/status`);
  return ((await answer.json()) as { spans: { stored: number } }).spans.stored;
}

/**
 * Waits until the processes have used less than 4 % of a core for twenty seconds: merges are over, memory is given back.
 */
async function calm(processes: ProcessTree): Promise<void> {
  let before = processes.cpuSeconds();
  let calmWindows = 0;
  await eventually(async () => {
    await sleep(10_000);
    const used = processes.cpuSeconds() - before;
    before += used;
    calmWindows = used < 0.4 ? calmWindows + 1 : 0;
    return calmWindows === 2;
  }, 300_000);
}

/** Opens what the program left, as it would itself. */
async function measureDisk(dataDirectory: string): Promise<Disk[]> {
  const directory = join(dataDirectory, 'exporters', 'throughline', 'clickhouse');
  const engine = new EmbeddedEngine({ directory, log: { info() {}, warn() {} } });
  await engine.start();
  try {
    const before = await sizes(engine);
    for (const table of tables) await engine.command(`OPTIMIZE TABLE ${table} FINAL`, { timeoutMs: 600_000 });
    const after = await sizes(engine);
    const spans = after.get('spans')!.rows;
    const rows = tables.map((table) => ({
      table,
      rows: after.get(table)?.rows ?? 0,
      bytesPerSpan: round((before.get(table)?.bytes ?? 0) / spans),
      merged: round((after.get(table)?.bytes ?? 0) / spans),
    }));
    const sum = (of: (row: Disk) => number) => round(rows.reduce((all, row) => all + of(row), 0));
    return [
      ...rows,
      {
        table: 'all',
        rows: sum((row) => row.rows),
        bytesPerSpan: sum((row) => row.bytesPerSpan),
        merged: sum((row) => row.merged),
      },
    ];
  } finally {
    await engine.stop();
  }
}

async function sizes(engine: EmbeddedEngine): Promise<Map<string, { rows: number; bytes: number }>> {
  const parts = await engine.query<{ table: string; rows: number; bytes: number }>(
    `SELECT table, toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes
     FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table`,
  );
  return new Map(parts.map((part) => [part.table, part]));
}
