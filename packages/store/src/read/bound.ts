import type { Param } from '../engine/engine.ts';

/** ClickHouse takes values of up to 128 KiB (http_max_field_value_size); an id in quotes is 35 bytes, more when escaped. */
const idsPerValue = 2000;

/** Values on their way into one query: each gets a placeholder, none becomes part of the SQL's text. */
export class Bound {
  readonly params: Record<string, Param> = {};

  /** The placeholder for `value` as ClickHouse's `type`. */
  value(type: string, value: Param): string {
    const name = `p${Object.keys(this.params).length}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }

  string(value: string): string {
    return this.value('String', value);
  }

  number(value: number): string {
    return this.value('Float64', value);
  }

  /** A time column's value. */
  time(nanos: bigint): string {
    return `fromUnixTimestamp64Nano(${this.value('Int64', nanos)}, 'UTC')`;
  }

  /** The binary form of a trace id. */
  traceId(hex: string): string {
    return `toFixedString(unhex(${this.string(hex)}), 16)`;
  }

  spanId(hex: string): string {
    return `toFixedString(unhex(${this.string(hex)}), 8)`;
  }

  /** The right side of IN: a form that the primary key can be asked with, as an array computed in the query cannot. */
  traceIds(hex: readonly string[]): string {
    const parts: string[] = [];
    for (let start = 0; start === 0 || start < hex.length; start += idsPerValue)
      parts.push(this.value('Array(String)', hex.slice(start, start + idsPerValue)));
    return `(SELECT toFixedString(unhex(arrayJoin(arrayConcat(${parts.join(', ')}))), 16))`;
  }
}
