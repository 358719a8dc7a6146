import { logKey } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { Bound } from '../bound.ts';
import { minuteOf } from '../minutes.ts';
import { nativeBlocks } from '../native-rows.ts';
import type { ReadOptions } from '../trace-store.ts';

/** ClickHouse takes parameters of up to 128 KiB. */
const timesAtOnce = 4_000;

/** `logKey`s of the stored log records of these times, which are nanoseconds since 1970. */
export async function knownLogs(
  engine: Engine,
  times: readonly bigint[],
  { abort }: ReadOptions = {},
): Promise<Set<string>> {
  const known = new Set<string>();
  const sorted = times.filter((time) => time < 2n ** 63n).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (let from = 0; from < sorted.length; from += timesAtOnce) {
    const some = sorted.slice(from, from + timesAtOnce);
    const bound = new Bound();
    const minutes = [some[0]!, some.at(-1)!].map((time) => bound.value('UInt32', minuteOf(time)));
    const answer = await engine.queryNative(
      `SELECT time, trace_id, span_id, body_text, body FROM logs
       WHERE minute BETWEEN ${minutes.join(' AND ')}
         AND toUnixTimestamp64Nano(time) IN ${bound.value('Array(Int64)', some)}`,
      { params: bound.params, abort },
    );
    for (const block of nativeBlocks(answer)) {
      const [time, trace, span] = [block.column('time'), block.column('trace_id'), block.column('span_id')];
      const [text, body] = [block.column('body_text'), block.column('body')];
      for (let row = 0; row < block.rows; row++) {
        const other = body.bytes(row);
        known.add(
          logKey(
            time.bigint(row),
            trace.bytes(row).toString('hex'),
            span.bytes(row).toString('hex'),
            other.length > 0 ? other : text.bytes(row),
          ),
        );
      }
    }
  }
  return known;
}
