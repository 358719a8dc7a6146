import { unixNanos, type LogRecord, type SpanId, type TraceId } from '@throughline/model';
import { decodeValue } from '@throughline/wire';
import type { Engine } from '../../engine/engine.ts';
import { attributeColumns, attributesReader } from '../attribute-maps.ts';
import { Bound } from '../bound.ts';
import { nativeBlocks, type NativeBlockView } from '../native-rows.ts';
import type { Sources } from '../sources.ts';
import { sourcesOf } from '../trace/stored-spans.ts';
import type { ReadOptions } from '../trace-store.ts';

export const logColumns = `trace_id, span_id, time, observed, flags, severity, severity_text, event_name, body_text, body,
  resource_id, scope_id, ${attributeColumns}, dropped_attributes`;
const mostRecords = 10_000;
const noTrace = '0'.repeat(32);
const noId = '0000000000000000';

export async function logsOfTrace(
  engine: Engine,
  id: TraceId,
  options: ReadOptions = {},
): Promise<LogRecord[]> {
  const bound = new Bound();
  const answer = await engine.queryNative(
    `SELECT ${logColumns}
     FROM logs WHERE trace_id = ${bound.traceId(id)} ORDER BY time, observed LIMIT ${mostRecords}`,
    { params: bound.params, abort: options.abort },
  );
  const blocks = [...nativeBlocks(answer)];
  const sources = await sourcesOf(engine, blocks, options);
  return blocks.flatMap((block) => recordsOf(block, sources));
}

/** The rows of a block with `logColumns`. */
export function recordsOf(block: NativeBlockView, sources: Sources): LogRecord[] {
  const attributes = attributesReader(block);
  const column = (name: string) => block.column(name);
  return Array.from({ length: block.rows }, (_, row): LogRecord => {
    const traceId = column('trace_id').bytes(row).toString('hex');
    const spanId = column('span_id').bytes(row).toString('hex');
    const body = column('body').bytes(row);
    return {
      time: unixNanos(column('time').bigint(row)),
      observedTime: unixNanos(column('observed').bigint(row)),
      traceId: traceId === noTrace ? undefined : (traceId as TraceId),
      spanId: spanId === noId ? undefined : (spanId as SpanId),
      flags: column('flags').number(row),
      severity: column('severity').number(row),
      severityText: column('severity_text').text(row),
      eventName: column('event_name').text(row),
      body: body.length > 0 ? decodeValue(body) : column('body_text').text(row),
      attributes: attributes(row),
      droppedAttributes: column('dropped_attributes').number(row),
      resource: sources.resource(column('resource_id').bigint(row)),
      scope: sources.scope(column('scope_id').bigint(row)),
    };
  });
}
