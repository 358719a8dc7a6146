import { getStringFromEnv } from '@opentelemetry/core';
import { warn } from '../setup/warn.ts';

/** What THROUGHLINE_* variables say about spans that wait for their receiver. */
export function waitingFromEnv(): { maxBytes?: number; spill?: { folder: string; maxBytes: number } } {
  const maxBytes = bytes('THROUGHLINE_EXPORT_MAX_BYTES');
  const folder = getStringFromEnv('THROUGHLINE_SPILL_DIR');
  return {
    ...(maxBytes !== undefined && { maxBytes }),
    ...(folder !== undefined && {
      spill: { folder, maxBytes: bytes('THROUGHLINE_SPILL_MAX_BYTES') ?? 1_000_000_000 },
    }),
  };
}

function bytes(name: string): number | undefined {
  const text = getStringFromEnv(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  warn(`${name}=${text} is not a number of bytes; it is left out`);
  return undefined;
}
