import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AsyncResource } from 'node:async_hooks';
import { warn } from '../setup/warn.ts';
import type { Answer } from './answer.ts';
import { BufferPool } from './buffer-pool.ts';
import { Pauses } from './pauses.ts';
import type { Sender } from './sender.ts';
import type { Encoded } from './span-batch.ts';
import type { DropReason, SpanTally } from './span-counts.ts';
import type { SpillFolder, Spilled } from './spill-folder.ts';
import type { ExportWatch } from './watch.ts';

export interface DeliveryLimits {
  /** What may wait and be on its way, in bytes of requests. */
  readonly maxBytes: number;
  /** Where it is set, a request is given up so long after its first attempt, whatever happened since. */
  readonly giveUpMs?: number | undefined;
}

/** So many requests are on their way at a time. */
const maxFlights = 4;
/** A request that the receiver never answers is given up after this time: it may be what keeps the receiver busy. */
const unansweredMs = 30_000;

interface Waiting extends Encoded {
  /** When it was first tried. */
  triedSince?: number;
  /** It lies in this file meanwhile. */
  readonly spilled?: Spilled;
}

/**
 * Gets requests to a receiver: several at a time, one at a time while it fails, each until it is taken or can never
 * be. One that fails goes behind the others. What does not fit into memory goes into the spill folder, if there is
 * one, and is sent when nothing else waits.
 */
export class Delivery {
  readonly #sender: Sender;
  readonly #limits: DeliveryLimits;
  readonly #tally: SpanTally;
  readonly #watch: ExportWatch;
  readonly #spill: SpillFolder | undefined;
  readonly #pool: BufferPool;
  /** Nothing of the application is to be seen from within, whoever's span was the one that made a request full. */
  readonly #scope = new AsyncResource('throughline.export');
  readonly #outside = suppressTracing(ROOT_CONTEXT);
  readonly #waiting: Waiting[] = [];
  readonly #flying = new Set<Waiting>();
  readonly #ownFiles = new Map<string, number>();
  readonly #flushes = new Set<{ late: boolean }>();
  readonly #pauses = new Pauses();
  /** The last flush has waited for answers in vain. */
  #silent = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #told = false;
  #whenSettled: (() => void)[] = [];
  /** Of requests that wait or are on their way. */
  bytes = 0;
  /** Of requests that wait. */
  waitingSpans = 0;

  constructor(
    sender: Sender,
    limits: DeliveryLimits,
    tally: SpanTally,
    watch: ExportWatch,
    spill: SpillFolder | undefined,
    pool = new BufferPool(),
  ) {
    this.#sender = sender;
    this.#limits = limits;
    this.#tally = tally;
    this.#watch = watch;
    this.#spill = spill;
    this.#pool = pool;
  }

  /** Runs `act` where no span, context or other state of the application is active. */
  outside<Result>(act: () => Result): Result {
    return this.#scope.runInAsyncScope(() => context.with(this.#outside, act));
  }

  /** Whether so many bytes more have room, once older requests have gone to the spill folder. Hot where it is full. */
  hasRoom(more: number): boolean {
    while (this.bytes + more > this.#limits.maxBytes) {
      const oldest = this.#waiting.find((each) => !each.spilled);
      if (!oldest || !this.#spillOne(oldest)) return false;
      this.#forget(oldest);
    }
    return true;
  }

  add(request: Encoded): void {
    this.#enqueue(request);
    this.#sendSoon(0);
  }

  /** Sends what is in the spill folder, that of earlier processes too, when nothing else waits. */
  recover(afterMs: number): void {
    if (this.#spill) this.#sendSoon(afterMs);
  }

  /**
   * Resolves when nothing waits any more, or the receiver has failed twice since, or after `timeoutMs`, or when
   * `stopWaiting` is called. A pause is cut short, unless the receiver asked for it: then it works, and it is waited for.
   */
  async flush(timeoutMs: number): Promise<void> {
    const until = this.#pauses.unasked + 2;
    const flush = { late: false };
    this.#flushes.add(flush);
    // It is not unref'd: a process that waits for this must not end before.
    const deadline = setTimeout(() => {
      flush.late = true;
      this.#settled();
    }, timeoutMs);
    this.#pauses.cutShort();
    this.outside(() => this.#send());
    while (this.#busy() && this.#pauses.unasked < until && !flush.late) {
      await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
    }
    clearTimeout(deadline);
    this.#silent = flush.late;
    this.#flushes.delete(flush);
    this.recover(0);
  }

  /** Whoever waits for `flush` waits no longer. */
  stopWaiting(): void {
    for (const flush of this.#flushes) flush.late = true;
    this.#settled();
  }

  /** While the process ends: what is still here, and on its way, is sent by `send`, if the receiver was well so far. */
  atExit(send: (bodies: readonly Buffer[]) => boolean[]): void {
    const requests = [...this.#flying, ...this.#waiting].filter(({ spilled }) => !spilled);
    if (requests.length === 0 || this.#pauses.inARow > 0 || this.#silent || this.#closed) return;
    const taken = send(requests.map(({ body }) => body));
    for (const [index, request] of requests.entries()) {
      if (!taken[index]) continue;
      if (!this.#flying.delete(request)) this.#forget(request);
      this.#tally.exported += request.spans;
    }
  }

  /** What has not been sent goes to the spill folder, if there is one, and nothing is sent any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const each of [...this.#flying, ...this.#waiting]) this.#leave(each);
    this.#flying.clear();
    this.#waiting.length = 0;
    this.bytes = 0;
    this.waitingSpans = 0;
    this.#sender.close();
    this.#settled();
  }

  #leave(request: Waiting): void {
    if (request.spilled) this.#giveBack(request.spilled);
    else if (!this.#spillOne(request)) this.#drop(request, 'shutdown');
  }

  #giveBack(spilled: Spilled): void {
    const file = this.#spill?.released(spilled);
    const own = this.#ownFiles.get(spilled.file);
    if (own === undefined || file === undefined) return;
    this.#ownFiles.delete(spilled.file);
    this.#ownFiles.set(file, own);
  }

  #spillOne(request: Encoded): boolean {
    const file = this.#spill?.keep(request);
    if (file === undefined) return false;
    this.#ownFiles.set(file, request.spans);
    this.#tally.spilled += request.spans;
    return true;
  }

  #enqueue(request: Waiting): void {
    this.#waiting.push(request);
    this.bytes += request.body.length;
    this.waitingSpans += request.spans;
  }

  /** Takes it out of those that wait. */
  #forget(request: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(request), 1);
    this.bytes -= request.body.length;
    this.waitingSpans -= request.spans;
  }

  #busy(): boolean {
    return this.#waiting.length > 0 || this.#flying.size > 0;
  }

  #sendSoon(afterMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = this.outside(() => setTimeout(() => this.#send(), afterMs).unref());
  }

  #send(): void {
    while (!this.#closed && this.#flying.size < (this.#pauses.inARow > 0 ? 1 : maxFlights)) {
      const { leftMs } = this.#pauses;
      if (leftMs > 0) return this.#sendSoon(leftMs);
      const next = this.#waiting[0] ?? this.#claimed();
      if (!next) return;
      void this.#fly(next);
    }
  }

  #claimed(): Waiting | undefined {
    if (!this.#spill || this.#flying.size > 0 || this.#flushes.size > 0) return undefined;
    const spilled = this.#spill.claim();
    this.#tally.torn = this.#spill.torn;
    if (!spilled) return undefined;
    const request = { body: spilled.body, spans: spilled.spans, spilled };
    this.#enqueue(request);
    return request;
  }

  async #fly(request: Waiting): Promise<void> {
    this.#forget(request);
    this.bytes += request.body.length;
    this.#flying.add(request);
    const begun = performance.now();
    request.triedSince ??= begun;
    const answer = await this.outside(() => this.#sender.send(request.body)).catch((why: Error): Answer => ({
      kind: 'refused',
      why,
    }));
    if (this.#closed) return;
    this.#flying.delete(request);
    this.bytes -= request.body.length;
    this.#settle(request, answer, begun);
    this.outside(() => this.#send());
    this.#settled();
  }

  #settle(request: Waiting, answer: Answer, begun: number): void {
    if (answer.kind === 'later') return this.#again(request, answer, begun);
    this.#pauses.succeeded();
    if (answer.kind === 'refused') {
      this.#drop(request, 'rejected');
      this.#watch.failed('spans', answer.why, 'what it refuses is lost');
    } else this.#taken(request, answer.rejected, answer.message);
    if (request.spilled) this.#spill?.removed(request.spilled);
    else this.#pool.give(request.body);
  }

  #taken(request: Waiting, rejected: number, message: string): void {
    const lost = Math.min(rejected, request.spans);
    if (this.#isOwn(request)) {
      this.#tally.exported += request.spans - lost;
      this.#tally.drop('rejected', lost);
    } else this.#tally.recovered += request.spans - lost;
    this.#watch.lost(lost);
    this.#watch.worked('spans');
    if (this.#told || (lost === 0 && message === '')) return;
    this.#told = true;
    const said = message || 'it gives no reason';
    const what = lost > 0 ? `the receiver took all spans but ${lost}` : 'the receiver warns';
    warn(`${what}: ${said}; this is said once`);
  }

  /** Whether its spans are of this process; those that lay in a file lie there no more. */
  #isOwn({ spilled }: Waiting): boolean {
    if (!spilled) return true;
    const own = this.#ownFiles.get(spilled.file);
    this.#ownFiles.delete(spilled.file);
    this.#tally.spilled -= own ?? 0;
    return own !== undefined;
  }

  #again(request: Waiting, answer: Answer & { kind: 'later' }, begun: number): void {
    this.#pauses.failed(begun, answer.afterMs);
    const { maxBytes, giveUpMs } = this.#limits;
    const kept = `they are kept, up to ${Math.round(maxBytes / 1e6)} MB, until it works`;
    this.#watch.failed(
      'spans',
      answer.why,
      giveUpMs === undefined ? kept : `each is tried for ${giveUpMs} ms`,
    );
    const limit = giveUpMs ?? (answer.unanswered ? unansweredMs : Infinity);
    if (request.spilled) this.#giveBack(request.spilled);
    else if (performance.now() - (request.triedSince ?? begun) < limit) this.#enqueue(request);
    else this.#drop(request, 'timeout');
  }

  #drop(request: Waiting, reason: DropReason): void {
    this.#watch.lost(request.spans);
    if (this.#isOwn(request)) this.#tally.drop(reason, request.spans);
  }

  #settled(): void {
    const waiters = this.#whenSettled;
    this.#whenSettled = [];
    for (const wake of waiters) wake();
  }
}
