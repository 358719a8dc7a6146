import type { Engine } from '../engine/engine.ts';
import { tables } from '../schema/migrations.ts';

/** Empties all tables. */
export async function purge(engine: Engine): Promise<void> {
  for (const table of tables) await engine.command(`TRUNCATE TABLE ${table}`);
}
