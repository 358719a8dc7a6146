import { StartError } from '@throughline/model';
import type { Engine } from '../engine/engine.ts';
import { migrations } from './migrations.ts';

/** Brings the database to this program's schema. Refuses one that a newer program made. */
export async function migrate(engine: Engine): Promise<void> {
  await engine.command(
    `CREATE TABLE IF NOT EXISTS schema_versions (version UInt32, applied DateTime('UTC') DEFAULT now())
     ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1`,
  );
  const [row] = await engine.query<{ version: number }>(
    'SELECT max(version) AS version FROM schema_versions',
  );
  const found = row!.version;
  if (found > migrations.length)
    throw new StartError(
      `the stored data has schema version ${found}, which a newer Throughline wrote; this one knows ${migrations.length}`,
    );
  for (let version = found + 1; version <= migrations.length; version++) {
    // A step that a crash cut off is repeated: IF NOT EXISTS makes its statements harmless.
    for (const statement of migrations[version - 1]!)
      await engine.command(statement.replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS '));
    await engine.command('INSERT INTO schema_versions (version) VALUES ({version:UInt32})', {
      params: { version },
    });
  }
}
