import { serviceOf, type Span } from '@throughline/model';
import { encodeTraces, Reader } from '@throughline/wire';
import { randomNumbers, serviceNames, shopSpans } from './shop.ts';

export interface TrafficOptions {
  /** Same seed, same bytes. Default 1. */
  readonly seed?: number;
  /** When the first round begins, milliseconds since 1970. Default: now. */
  readonly startMs?: number;
  /** How much later each round of about 20,480 spans begins. Default 100: 200,000 spans a second. */
  readonly roundMs?: number;
}

/** One export request: TracesData in protobuf form. */
export interface Request {
  readonly body: Uint8Array;
  readonly spans: number;
}

/** Spans that one service sends in each round, on average. */
const spansPerRequest = 512;
/** Decimal places of the longest number that changes. */
const places = 6;

/**
 * Endless traffic of 40 services: 40 requests a round, of about 512 spans each. What a round holds is encoded once;
 * before a request is sent again, its ids, times and free digits (of URLs and users) are written over, so that
 * generating costs next to nothing and no two rounds are alike. The spans of a trace are spread over the requests of
 * one round, as they are in life.
 */
export class Traffic {
  readonly #templates: readonly Template[];
  readonly #startNanos: bigint;
  readonly #roundNanos: bigint;
  readonly #random: () => number;
  #next = 0;
  #round = -1;
  readonly #keys = new Uint32Array(2);
  /** What the digits of each decimal place are turned on by, so that equal numbers stay equal. */
  readonly #turns = new Uint8Array(places);

  constructor({ seed = 1, startMs = Date.now(), roundMs = 100 }: TrafficOptions = {}) {
    const byService = new Map<string, Span[]>(serviceNames.map((name) => [name, []]));
    for (const span of shopSpans(spansPerRequest * serviceNames.length, seed))
      byService.get(serviceOf(span.resource))!.push(span);
    this.#templates = [...byService.values()].map((spans) => template(encodeTraces(spans)));
    this.#startNanos = BigInt(Math.round(startMs)) * 1_000_000n;
    this.#roundNanos = BigInt(Math.round(roundMs * 1_000_000));
    this.#random = randomNumbers(seed);
  }

  get bytesPerSpan(): number {
    const sum = (of: (template: Template) => number) =>
      this.#templates.reduce((all, each) => all + of(each), 0);
    return sum(({ bytes }) => bytes.length) / sum(({ spans }) => spans);
  }

  next(): Request {
    if (this.#next === 0) {
      this.#round++;
      for (const i of [0, 1]) this.#keys[i] = this.#random() * 2 ** 32;
      for (let i = 0; i < places; i++) this.#turns[i] = this.#random() * 10;
    }
    const each = this.#templates[this.#next]!;
    this.#next = (this.#next + 1) % this.#templates.length;
    this.#renew(each, this.#startNanos + BigInt(this.#round) * this.#roundNanos);
    return { body: Buffer.from(each.bytes), spans: each.spans };
  }

  /** Hot: every span of every request. */
  #renew({ bytes, ids, times, nanos, slack, digits, digitPlaces }: Template, base: bigint): void {
    const [low, high] = this.#keys as unknown as [number, number];
    for (const at of ids) {
      bytes.writeUInt32LE((bytes.readUInt32LE(at) ^ low) >>> 0, at);
      bytes.writeUInt32LE((bytes.readUInt32LE(at + 4) ^ high) >>> 0, at + 4);
    }
    const baseLow = Number(base & 0xffff_ffffn);
    const baseHigh = Number(base >> 32n);
    for (let i = 0; i < times.length; i++) {
      const value = baseLow + nanos[i]! + (slack[i] === 0 ? 0 : Math.floor(this.#random() * slack[i]!));
      bytes.writeUInt32LE(value >>> 0, times[i]!);
      bytes.writeUInt32LE(baseHigh + Math.floor(value / 2 ** 32), times[i]! + 4);
    }
    for (let i = 0; i < digits.length; i++) {
      const at = digits[i]!;
      bytes[at] = 48 + ((bytes[at]! - 48 + this.#turns[digitPlaces[i]!]!) % 10);
    }
  }
}

/** An encoded request and where in it stands what changes. */
interface Template {
  readonly bytes: Buffer;
  readonly spans: number;
  /** Of each id of 8 bytes, and of both halves of those of 16. */
  readonly ids: readonly number[];
  /** Of each time, and nanoseconds from the round's beginning to it. */
  readonly times: readonly number[];
  readonly nanos: readonly number[];
  /** By how many nanoseconds a time may be later than that. */
  readonly slack: readonly number[];
  /** Of each digit of a number that changes, and its decimal place in it. */
  readonly digits: readonly number[];
  readonly digitPlaces: readonly number[];
}

function template(encoded: Uint8Array): Template {
  const bytes = Buffer.from(encoded);
  const found: Found = { spans: 0, ids: [], times: [], nanos: [], slack: [], digits: [], digitPlaces: [] };
  const reader = new Reader(bytes);
  // ResourceSpans 1, ScopeSpans 2, Span 2: the field numbers of opentelemetry-proto trace.proto.
  each(reader, 1, () => each(reader, 2, () => each(reader, 2, () => span(reader, found))));
  return { bytes, ...found };
}

function each(reader: Reader, field: number, read: () => void): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== ((field << 3) | 2)) reader.skip(tag);
    else {
      const outer = reader.enter();
      read();
      reader.leave(outer);
    }
  }
}

type Found = { spans: number } & Record<
  'ids' | 'times' | 'nanos' | 'slack' | 'digits' | 'digitPlaces',
  number[]
>;

function span(reader: Reader, found: Found): void {
  found.spans++;
  const time = (slack: number) => {
    found.times.push(reader.pos);
    found.nanos.push(Number(reader.fixed64()));
    found.slack.push(slack);
  };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const field = tag >>> 3;
    if (field === 1 || field === 2 || field === 4) {
      const { length } = reader.view();
      for (let at = reader.pos - length; at < reader.pos; at += 8) found.ids.push(at);
    } else if (field === 7) time(0);
    else if (field === 8) time(4000);
    else if (field === 11) {
      const outer = reader.enter();
      for (let tag = reader.tag(); tag !== 0; tag = reader.tag())
        if (tag >>> 3 === 1) time(4000);
        else reader.skip(tag);
      reader.leave(outer);
    } else if (field === 9) {
      const attribute = reader.view().toString('latin1');
      if (!/url\.path|url\.full|user\.id/.test(attribute)) continue;
      const { length } = /\d*$/.exec(attribute)![0];
      for (let place = 0; place < length; place++) {
        found.digits.push(reader.pos - 1 - place);
        found.digitPlaces.push(place);
      }
    } else reader.skip(tag);
  }
}
