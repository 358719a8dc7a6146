import { InvalidData, type Span, type TraceId } from '@throughline/model';
import type { Batch } from '../batch.ts';
import { checkLogs, checkTraces } from '../check.ts';
import { concatBatches } from '../concat.ts';
import { without } from '../cut.ts';
import { encodeLogs, encodeTraces } from '../encode.ts';
import type { Complain } from './complain.ts';
import { documentsOf } from './documents.ts';
import { eachItem, headOfLog, headOfSpan } from './items.ts';
import { recognised, type ImportFormat, type Recognised } from './kinds.ts';
import { otlpPieces, unusedOtlp, type Piece } from './otlp.ts';
import { spansFromJaeger } from './jaeger-json.ts';
import { itemsOfThroughline } from './throughline-json.ts';
import { spansFromZipkin } from './zipkin-json.ts';

export interface ImportOptions {
  /** Of one document, unpacked; each line of JSON lines is one. */
  readonly maxDocumentBytes: number;
  /** `spanKey`s of the spans of these traces that are there already; they are left out. */
  readonly known?: (traceIds: readonly TraceId[]) => Promise<ReadonlySet<string>>;
  /** `logKey`s of the log records of these times that are there already; they are left out too. */
  readonly knownLogs?: (times: readonly bigint[]) => Promise<ReadonlySet<string>>;
}

export interface ImportProblem {
  /** The line, or the path within the JSON document, or both; empty: the file. */
  readonly place: string;
  readonly message: string;
}

/** What became of a file. */
export interface ImportReport {
  readonly formats: readonly ImportFormat[];
  readonly spans: number;
  readonly logs: number;
  /** Spans that were there already, and so were left out. */
  readonly known: number;
  readonly knownLogs: number;
  /** Documents with metrics or profiles, which are not kept. */
  readonly unused: number;
  /** How many traces the spans are of, also of those that were there; the first 1,000 of them. */
  readonly traces: number;
  readonly traceIds: readonly TraceId[];
  /** Nanoseconds since 1970: from the first to the last log record in the file; undefined where none says when. */
  readonly logTimes: readonly [bigint, bigint] | undefined;
  /** The first 100. */
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
}

const unknownKind = 'this is JSON, but neither OTLP nor of Jaeger nor of Zipkin';
const mostListed = 1_000;
const mostProblems = 100;
const batchBytes = 2 ** 20;
const spansAtOnce = 2_000;

/**
 * Reads a file of traces or logs: OTLP/JSON, Jaeger's or Zipkin's JSON, or that of this program's own API; one document or one in each line, plain or in
 * gzip. `batches` gives what can be kept, checked, in batches of about a megabyte; then `report` is complete. Throws
 * InvalidData where the file as a whole cannot be used.
 */
export class Import {
  readonly #options: ImportOptions;
  readonly #formats = new Set<ImportFormat>();
  readonly #traceIds = new Set<TraceId>();
  /** `spanKey`s of what was there of these traces when the file first spoke of them. */
  readonly #known = new Set<string>();
  readonly #problems: ImportProblem[] = [];
  #counts = { spans: 0, logs: 0, known: 0, knownLogs: 0, unused: 0, problems: 0 };
  #logTimes: [bigint, bigint] | undefined;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  get report(): ImportReport {
    const { problems, ...counts } = this.#counts;
    return {
      formats: [...this.#formats],
      ...counts,
      traces: this.#traceIds.size,
      traceIds: [...this.#traceIds].slice(0, mostListed),
      logTimes: this.#logTimes,
      problems: this.#problems,
      problemCount: problems,
    };
  }

  async *batches(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Batch> {
    const { maxDocumentBytes } = this.#options;
    const waiting = { traces: new Waiting(), logs: new Waiting() };
    for await (const { value, line } of documentsOf(chunks, maxDocumentBytes, (e) => this.#complain('', e))) {
      const place = line === undefined ? '' : `line ${line}`;
      for (const piece of this.#pieces(value, place)) {
        const ofSignal = waiting[piece.signal];
        ofSignal.add(this.#checked(piece, place));
        if (ofSignal.bytes >= batchBytes) yield* this.#fresh(ofSignal);
      }
    }
    if (this.#formats.size === 0 && this.#counts.problems === 0) throw new InvalidData(unknownKind);
    for (const ofSignal of Object.values(waiting)) yield* this.#fresh(ofSignal);
  }

  /** What waits, without what is there already; nothing where that is all. */
  async *#fresh(waiting: Waiting): AsyncGenerator<Batch> {
    const all = waiting.take();
    const batch = all && (await this.#unknown(all));
    if (!batch || batch.items === 0) return;
    this.#counts[batch.signal === 'traces' ? 'spans' : 'logs'] += batch.items;
    yield batch;
  }

  *#pieces(document: unknown, place: string): Generator<Piece> {
    let found = false;
    const complain: Complain = (error) => this.#complain(place, error);
    for (const part of recognised(document)) {
      found = true;
      this.#formats.add(part.format);
      if (part.format === 'otlp' && unusedOtlp.some((key) => key in part.request)) this.#counts.unused++;
      yield* piecesOf(part, complain);
    }
    if (!found && place !== '') complain(new InvalidData(unknownKind));
  }

  #checked({ signal, bytes, place }: Piece, line: string): Batch {
    const { batch, reason } = (signal === 'traces' ? checkTraces : checkLogs)(bytes);
    if (reason !== undefined)
      this.#complain(line, new InvalidData(place === '' ? reason : `${place}: ${reason}`));
    return batch;
  }

  /** Without what is there already. */
  async #unknown(batch: Batch): Promise<Batch> {
    const [headOf, known] =
      batch.signal === 'traces'
        ? [headOfSpan, await this.#knownSpans(batch)]
        : [headOfLog, await this.#knownLogs(batch)];
    if (!known || known.size === 0) return batch;
    let left = batch.items;
    const bytes = without(batch.bytes, (all, start, end) => {
      const isKnown = known.has(headOf(all, start, end).key);
      if (isKnown) left--;
      return isKnown;
    });
    this.#counts[batch.signal === 'traces' ? 'known' : 'knownLogs'] += batch.items - left;
    return { ...batch, bytes, items: left };
  }

  async #knownSpans(batch: Batch): Promise<ReadonlySet<string> | undefined> {
    const traceIds = new Set<TraceId>();
    eachItem(batch, (bytes, start, end) => traceIds.add(headOfSpan(bytes, start, end).traceId));
    // Asked once for each trace: later, what was taken of this file would be known too.
    const fresh = [...traceIds].filter((id) => !this.#traceIds.has(id));
    for (const id of fresh) this.#traceIds.add(id);
    if (fresh.length > 0) for (const key of (await this.#options.known?.(fresh)) ?? []) this.#known.add(key);
    return this.#known;
  }

  async #knownLogs(batch: Batch): Promise<ReadonlySet<string> | undefined> {
    const times = new Set<bigint>();
    eachItem(batch, (bytes, start, end) => times.add(headOfLog(bytes, start, end).time));
    // The time of one that says none is that of its receipt.
    times.delete(0n);
    for (const time of times) {
      const [first, last] = this.#logTimes ?? [time, time];
      this.#logTimes = [time < first ? time : first, time > last ? time : last];
    }
    return this.#options.knownLogs?.([...times]);
  }

  #complain(line: string, { message }: InvalidData): void {
    this.#counts.problems++;
    if (this.#problems.length === mostProblems) return;
    const [, place, said] = /^((?:line \d+|[\w.[\]]+))(?:: )([^]*)$/.exec(message) ?? [
      undefined,
      '',
      message,
    ];
    this.#problems.push({ place: [line, place].filter(Boolean).join(', '), message: said! });
  }
}

/** Batches of one signal that are too small by themselves. */
class Waiting {
  bytes = 0;
  #batches: Batch[] = [];

  add(batch: Batch): void {
    if (batch.items === 0) return;
    this.bytes += batch.bytes.length;
    this.#batches.push(batch);
  }

  take(): Batch | undefined {
    const batches = this.#batches;
    this.#batches = [];
    this.bytes = 0;
    return batches.length === 0 ? undefined : concatBatches(batches);
  }
}

function* piecesOf(part: Recognised, complain: Complain): Generator<Piece> {
  switch (part.format) {
    case 'otlp':
      yield* otlpPieces(part.request, part.inside, complain);
      return;
    case 'jaeger':
      yield* spanPieces(spansOfJaeger(part.trace, part.inside, complain), part.inside);
      return;
    case 'throughline': {
      const { spans, logs } = itemsOfThroughline(part.trace, part.inside, complain);
      yield* spanPieces(spans, part.inside);
      if (logs.length > 0) yield { signal: 'logs', bytes: encodeLogs(logs), place: part.inside };
      return;
    }
    case 'zipkin':
      yield* spanPieces(spansFromZipkin(part.spans, part.inside, complain), part.inside);
  }
}

/** A trace of which the spans cannot even be told is complained about. */
function* spansOfJaeger(trace: unknown, place: string, complain: Complain): Generator<Span> {
  try {
    yield* spansFromJaeger(trace, place, complain);
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error;
    complain(error);
  }
}

function* spanPieces(spans: Iterable<Span>, place: string): Generator<Piece> {
  const piece = (some: readonly Span[]): Piece => ({ signal: 'traces', bytes: encodeTraces(some), place });
  let some: Span[] = [];
  for (const span of spans) {
    if (some.push(span) < spansAtOnce) continue;
    yield piece(some);
    some = [];
  }
  if (some.length > 0) yield piece(some);
}
