import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Env, Listener } from '../component.ts';

/** A component's world in the contract kit: it remembers what it is told, and has a folder until `clear`. */
export interface KitEnv extends Env {
  readonly listeners: readonly Listener[];
  /** Sum of a counter over all its labels. */
  counted(name: string): number;
  clear(): void;
}

export function kitEnv(id: string): KitEnv {
  const directory = mkdtempSync(join(tmpdir(), 'component-'));
  const listeners: Listener[] = [];
  const counts = new Map<string, number>();
  const ignore = () => {};
  return {
    id,
    directory: join(directory, 'own'),
    version: '0.0.0-test',
    now: Date.now,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    meter: {
      counter: (name) => (value) => void counts.set(name, (counts.get(name) ?? 0) + value),
      gauge: ignore,
    },
    listening: (listener) => void listeners.push(listener),
    listeners,
    counted: (name) => counts.get(name) ?? 0,
    clear: () => rmSync(directory, { recursive: true, force: true }),
  };
}
