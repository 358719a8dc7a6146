// The journal alone: appends by concurrent callers, reading, and opening after a stop. Prints a table.
import { Journal, readRecords } from '@throughline/journal';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const log = { info: () => undefined, warn: () => undefined };

export interface AppendResult {
  readonly callers: number;
  readonly recordBytes: number;
  readonly perSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly recordsPerSync: number;
}

export interface JournalResult {
  readonly append: readonly AppendResult[];
  readonly read: readonly {
    readonly recordBytes: number;
    readonly megabytesPerSecond: number;
    readonly cpuSecondsPerGigabyte: number;
  }[];
  readonly openMs: { readonly gigabytes: number; readonly recordBytes: number; readonly ms: number }[];
}

export async function run(): Promise<JournalResult> {
  const result = {
    append: [] as AppendResult[],
    read: [] as JournalResult['read'][number][],
    openMs: [] as JournalResult['openMs'],
  };
  for (const recordBytes of [100_000, 250_000]) {
    for (const callers of [1, 8, 64]) {
      result.append.push(await inFolder((folder) => measureAppends(folder, callers, recordBytes)));
    }
  }
  for (const recordBytes of [2_000, 250_000]) {
    await inFolder(async (folder) => {
      const end = await fill(folder, recordBytes, 1e9);
      result.openMs.push({ gigabytes: round(end / 1e9), recordBytes, ms: await measureOpen(folder) });
      result.read.push(await measureReading(folder, recordBytes, end));
    });
  }
  console.table(result.append);
  console.table(result.read);
  console.table(result.openMs);
  return result;
}

async function measureAppends(folder: string, callers: number, recordBytes: number): Promise<AppendResult> {
  const journal = await Journal.open({ directory: folder, log });
  const payload = randomBytes(recordBytes);
  const waits: number[] = [];
  const appendFor = async (ms: number) => {
    const until = performance.now() + ms;
    for (let now = performance.now(); now < until;) {
      await journal.append(payload, 512);
      const then = now;
      now = performance.now();
      waits.push(now - then);
    }
  };
  await appendFor(200);
  waits.length = 0;
  const [before, cpu, start] = [journal.stats(), process.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: callers }, () => appendFor(1500)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const after = journal.stats();
  await journal.close();
  const records = after.appendedRecords - before.appendedRecords;
  const bytes = after.appendedBytes - before.appendedBytes;
  waits.sort((a, b) => a - b);
  return {
    callers,
    recordBytes,
    perSecond: Math.round(records / seconds),
    megabytesPerSecond: Math.round(bytes / 1e6 / seconds),
    cpuSecondsPerGigabyte: round((user + system) / 1e6 / (bytes / 1e9)),
    p50Ms: round(waits[Math.floor(waits.length * 0.5)]!),
    p99Ms: round(waits[Math.floor(waits.length * 0.99)]!),
    recordsPerSync: round(records / (after.syncs - before.syncs)),
  };
}

async function fill(folder: string, recordBytes: number, bytes: number): Promise<number> {
  const journal = await Journal.open({ directory: folder, log });
  const payload = randomBytes(recordBytes);
  while (journal.end < bytes) {
    await Promise.all(Array.from({ length: Math.ceil(8e6 / recordBytes) }, () => journal.append(payload, 4)));
  }
  await journal.close();
  return journal.end;
}

async function measureOpen(folder: string): Promise<number> {
  const start = performance.now();
  const journal = await Journal.open({ directory: folder, log });
  const ms = performance.now() - start;
  await journal.close();
  return round(ms);
}

async function measureReading(
  folder: string,
  recordBytes: number,
  end: number,
): Promise<JournalResult['read'][number]> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  let bytes = 0;
  for await (const { payload } of readRecords(folder, 0, end)) bytes += payload.length;
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    recordBytes,
    megabytesPerSecond: Math.round(bytes / 1e6 / seconds),
    cpuSecondsPerGigabyte: round((user + system) / 1e6 / (bytes / 1e9)),
  };
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) await run();
