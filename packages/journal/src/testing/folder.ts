import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { diskFiles, type Files } from '../files.ts';
import { Journal, type JournalOptions } from '../journal.ts';
import { readRecords } from '../reader.ts';
import type { Damage, JournalRecord, Position } from '../types.ts';

/** An empty folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface LogLine {
  readonly event: string;
  readonly fields: Record<string, unknown>;
}

export function recordingLog() {
  const lines: LogLine[] = [];
  const add = (event: string, fields: Record<string, unknown> = {}) => void lines.push({ event, fields });
  return { lines, info: add, warn: add };
}

/** A journal whose test does not mind the free space of the machine it runs on. */
export function openJournal(directory: string, options: Partial<JournalOptions> = {}): Promise<Journal> {
  return Journal.open({ directory, log: recordingLog(), minFreeBytes: 0, ...options });
}

/** For tests in which no power fails: hundreds of journals are opened in the time of one fsync each. */
export const withoutFsync: Files = {
  ...diskFiles,
  sync: () => Promise.resolve(),
  syncDirectory: () => Promise.resolve(),
};

export async function readAll(directory: string, from: Position, to: Position, chunkBytes = 4 * 2 ** 20) {
  const records: JournalRecord[] = [];
  const damages: Damage[] = [];
  const damaged = (damage: Damage) => void damages.push(damage);
  for await (const record of readRecords(directory, from, to, { chunkBytes, damaged })) records.push(record);
  return { records, damages };
}

export async function textsOf(journal: Journal): Promise<string[]> {
  const { records } = await readAll(journal.directory, journal.start, journal.end);
  return records.map(({ payload }) => Buffer.from(payload).toString());
}

/** Waits for a condition that nothing announces. */
export async function eventually(condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within ${deadlineMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
