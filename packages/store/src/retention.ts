import type { Log } from '@throughline/pipeline';
import type { Engine } from './engine/engine.ts';
import { partitionSeconds, tables } from './schema/migrations.ts';

export interface RetentionOptions {
  /** Rows received longer ago are deleted; 0 keeps them. */
  readonly maxAgeMs: number;
  /** When all tables together are larger, what was received first is deleted; 0: no limit. */
  readonly maxBytes: number;
}

interface Partition {
  readonly table: string;
  readonly partition: string;
  readonly bytes: string;
  /** Seconds since 1970: the end of the six hours that the partition holds. */
  readonly ends: number;
}

/**
 * Deletes what is too old, or too much: whole partitions of six hours, in all tables at once. The newest partition is
 * never deleted for its size.
 */
export async function retain(
  engine: Engine,
  options: RetentionOptions,
  nowMs: number,
  log: Log,
): Promise<void> {
  const partitions = await engine.query<Partition>(
    `SELECT table, partition, sum(bytes_on_disk) AS bytes, toUnixTimestamp(toDateTime(partition, 'UTC')) + ${partitionSeconds} AS ends
     FROM system.parts
     WHERE active AND database = currentDatabase() AND table IN ({tables:Array(String)})
     GROUP BY table, partition`,
    { params: { tables } },
  );
  const ends = [...new Set(partitions.map((p) => p.ends))].sort((a, b) => a - b);
  let total = partitions.reduce((sum, p) => sum + Number(p.bytes), 0);
  for (const end of ends) {
    const group = partitions.filter((p) => p.ends === end);
    const bytes = group.reduce((sum, p) => sum + Number(p.bytes), 0);
    const tooOld = options.maxAgeMs > 0 && end * 1000 < nowMs - options.maxAgeMs;
    const tooMuch = options.maxBytes > 0 && total > options.maxBytes && end !== ends.at(-1);
    if (!tooOld && !tooMuch) continue;
    for (const { table, partition } of group)
      await engine.command(`ALTER TABLE {table:Identifier} DROP PARTITION {partition:String}`, {
        params: { table, partition },
      });
    total -= bytes;
    log.info('deleted old data', {
      reason: tooOld ? 'age' : 'size',
      received_before: new Date(end * 1000).toISOString(),
      bytes,
    });
  }
}
