import { InvalidData } from '@throughline/model';
import { explain } from './explain.ts';
import type { Message } from './schema.ts';
import { malformed, planOf, walk } from './structure.ts';

/** Throws InvalidData, with path and byte, unless `bytes` are a `message` with all that it contains. */
export function checkStructure(bytes: Uint8Array, message: Message): void {
  if (walk(bytes, 0, bytes.length, planOf(message), 0) === malformed) throw malformedData(bytes, message);
}

/** Says what is wrong with `bytes`, which were found malformed. */
export function malformedData(bytes: Uint8Array, message: Message): InvalidData {
  return explain(bytes, message) ?? new InvalidData(`malformed ${message.name}`);
}
