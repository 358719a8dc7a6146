import { InvalidData } from '@throughline/model';

// Reading parsed JSON of unknown shape. `place` is where the value stands, for the error: `spans[3].startTime`.
// Whole numbers of 16 digits and more come as texts (`parseExactJson`).

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, place: string): JsonObject {
  if (isObject(value)) return value;
  throw wrong(place, 'an object', value);
}

/** Nothing and null are an empty list. */
export function listAt(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw wrong(place, 'an array', value);
}

/** Nothing and null are an empty text. */
export function textAt(value: unknown, place: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw wrong(place, 'a string', value);
}

/** Microseconds as nanoseconds; undefined where there are none. Not less than `least`. */
export function microsAt(value: unknown, place: string, least = 0n): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const micros = integerOf(value) ?? roundedOf(value);
  if (micros === undefined || micros < least || micros > mostMicros)
    throw wrong(place, 'microseconds', value);
  return micros * 1_000n;
}

/** Up to 64-bit nanoseconds. */
const mostMicros = (2n ** 63n - 1n) / 1_000n;

function roundedOf(value: unknown): bigint | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? BigInt(Math.round(value)) : undefined;
}

/** The whole number that JSON has as a number or as a text; undefined for anything else. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** An id of up to `digits` hex digits, padded on the left. All zero, or nothing: undefined. */
export function idAt(value: unknown, digits: 16 | 32, place: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-fA-F]+$/.test(value))
    throw wrong(place, `up to ${digits} hex digits`, value);
  return /^0+$/.test(value) ? undefined : value.toLowerCase().padStart(digits, '0');
}

export function wrong(place: string, expected: string, value: unknown): InvalidData {
  return new InvalidData(`${place}: expected ${expected}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'an array';
  return isObject(value) ? 'an object' : JSON.stringify(value);
}
