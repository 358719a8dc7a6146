import type { Attributes, AttributeValue, UnixNanos } from '@throughline/model';

// How the Collector's debug exporter writes values (debugexporter: internal/normal, internal/otlptext; pdata's AsString).

/** `Str(GET)`, `Int(5)`, `Slice(["a","b"])`. */
export function typed(value: AttributeValue): string {
  return `${typeName(value)}(${plain(value)})`;
}

/** `GET`, `5`, `["a","b"]`; bytes as base64. */
export function plain(value: AttributeValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return JSON.stringify(value, replaceValue);
  return value instanceof Uint8Array ? base64(value) : String(value);
}

function typeName(value: AttributeValue): string {
  if (value === null) return 'Empty';
  if (Array.isArray(value)) return 'Slice';
  if (value instanceof Uint8Array) return 'Bytes';
  if (typeof value === 'string') return 'Str';
  if (typeof value === 'boolean') return 'Bool';
  if (typeof value === 'bigint') return 'Int';
  return typeof value === 'number' ? 'Double' : 'Map';
}

function replaceValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Uint8Array ? base64(value) : value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** `key=value key=value`, with a blank in front; empty when there are none. */
export function pairs(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => ` ${key}=${plain(value)}`)
    .join('');
}

/** `2025-04-17 08:40:44.5554616 +0000 UTC`, as Go prints a time. */
export function time(at: UnixNanos): string {
  const seconds = new Date(Number(at / 1_000_000_000n) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = String(at % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction && `.${fraction}`} +0000 UTC`;
}

/** `Server` of `server`. */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
