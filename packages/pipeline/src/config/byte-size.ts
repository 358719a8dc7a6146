import { z } from 'zod';

const units: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** The bytes in `10GiB`, `500 MB`, `1.5kb` or `4096`, or undefined. `k`, `M`, `G` alone are refused: they are read both ways. */
export function parseByteSize(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = units[unit?.toLowerCase() ?? '?'];
  if (number === undefined || factor === undefined) return undefined;
  return Math.round(Number(number) * factor);
}

/** `bytes` in the largest binary unit that writes it exactly: `10737418240` is `10GiB`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const factor = units[unit.toLowerCase()] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** A number of bytes, or text with a unit (`10GiB`, `500MB`). Give defaults with `.prefault('10GiB')`. */
export function byteSize() {
  return z
    .codec(
      z.union([z.string(), z.int().nonnegative()], { error: 'expected bytes such as 10GiB, 500MB or 4096' }),
      z.int().nonnegative(),
      {
        decode(written, context) {
          const bytes = parseByteSize(String(written));
          if (bytes !== undefined) return bytes;
          context.issues.push({
            code: 'custom',
            input: written,
            message: `expected bytes such as 10GiB, 500MB or 4096, got ${JSON.stringify(written)}`,
          });
          return z.NEVER;
        },
        encode: formatByteSize,
      },
    )
    .meta({ type: 'bytes' });
}
