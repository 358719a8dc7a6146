import type { ImportResult, TraceSummary } from '@throughline/query/api';

/** A file that was opened, and what has become of it. */
export interface ImportedFile {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly outcome:
    | { readonly state: 'waiting' | 'reading' | 'cancelled' }
    | { readonly state: 'done'; readonly result: ImportResult }
    | { readonly state: 'failed'; readonly error: Error };
}

/** Where to go once files are read: to what they hold, if that is one thing and all of it could be read. */
export type Destination =
  | { readonly kind: 'trace'; readonly traceId: string }
  | { readonly kind: 'logs'; readonly start: string; readonly end: string }
  | { readonly kind: 'list' };

export function destinationOf(files: readonly ImportedFile[]): Destination {
  const results = files.map(({ outcome }) => (outcome.state === 'done' ? outcome.result : undefined));
  const list = { kind: 'list' } as const;
  if (results.some((result) => !result || result.problem_count > 0 || !result.stored)) return list;
  const traces = tracesOf(files);
  if (traces.length === 1 && results.every((result) => result!.trace_count <= 1))
    return { kind: 'trace', traceId: traces[0]!.trace_id };
  const [only, ...others] = results;
  if (traces.length > 0 || others.length > 0 || !only?.log_start || !only.log_end) return list;
  return { kind: 'logs', start: only.log_start, end: only.log_end };
}

/** The traces of all files, each once, in the order of the files. */
export function tracesOf(files: readonly ImportedFile[]): readonly TraceSummary[] {
  const traces = new Map<string, TraceSummary>();
  for (const { outcome } of files) {
    if (outcome.state !== 'done') continue;
    for (const trace of outcome.result.traces) traces.set(trace.trace_id, trace);
  }
  return [...traces.values()];
}

/** `68 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const [size, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'KB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
