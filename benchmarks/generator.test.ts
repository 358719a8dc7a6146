import type { Span } from '@throughline/model';
import { checkTraces, decodeTraces } from '@throughline/wire';
import { expect, test } from 'vitest';
import { Traffic } from './generator.ts';

const requestsARound = 40;
const options = { seed: 7, startMs: 1_800_000_000_000, roundMs: 100 };

function round(traffic: Traffic): Span[] {
  return Array.from({ length: requestsARound }, () => traffic.next()).flatMap(({ body, spans }) => {
    const decoded = decodeTraces(checkTraces(body).batch.bytes);
    expect(decoded).toHaveLength(spans);
    return decoded;
  });
}

test('the same seed makes the same bytes, another one others', () => {
  const bytes = (seed: number) => {
    const traffic = new Traffic({ ...options, seed });
    return Buffer.concat(Array.from({ length: requestsARound * 2 }, () => traffic.next().body));
  };
  expect(bytes(7).equals(bytes(7))).toBe(true);
  expect(bytes(7).equals(bytes(8))).toBe(false);
});

test('a round is whole traces over 40 services, whose children lie within their parents', () => {
  const spans = round(new Traffic(options));
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  expect(byId.size).toBe(spans.length);
  expect(new Set(spans.map(({ resource }) => resource.attributes['service.name'])).size).toBe(40);
  const end = ({ start, duration }: Span) => start + BigInt(duration);
  for (const span of spans.filter(({ parentSpanId }) => parentSpanId !== undefined)) {
    const parent = byId.get(span.parentSpanId!)!;
    expect(parent.traceId).toBe(span.traceId);
    expect(span.start).toBeGreaterThanOrEqual(parent.start);
    // A span is at least 50 µs long, however short its parent is; ends vary by up to 4 µs.
    expect(end(span) - end(parent)).toBeLessThan(200_000n);
  }
});

test('a span is as large as spans are in life', () => {
  const traffic = new Traffic(options);
  expect(traffic.bytesPerSpan).toBeGreaterThan(440);
  expect(traffic.bytesPerSpan).toBeLessThan(500);
  const spans = round(traffic);
  const attributes = spans.map(
    (span) => Object.keys(span.attributes).length + Object.keys(span.resource.attributes).length,
  );
  expect(new Set(attributes)).toEqual(new Set([20]));
});

test('no two rounds share ids, times or users, and each round is later by its length', () => {
  const traffic = new Traffic(options);
  const [first, second] = [round(traffic), round(traffic)];
  const ids = new Set(first.flatMap(({ traceId, spanId }) => [traceId, spanId]));
  expect(second.filter(({ traceId, spanId }) => ids.has(traceId) || ids.has(spanId))).toEqual([]);
  expect(second.filter(({ start }, i) => start !== first[i]!.start + 100_000_000n)).toEqual([]);
  expect(Number(first[0]!.start / 1_000_000_000n)).toBe(1_800_000_000);
  const same = first.filter((span, i) => span.attributes['user.id'] === second[i]!.attributes['user.id']);
  expect(same).toEqual([]);
});

test('the spans of a trace keep one user in every round', () => {
  const traffic = new Traffic(options);
  round(traffic);
  const users = new Map<string, unknown>();
  for (const span of round(traffic))
    expect(
      users.get(span.traceId) ?? users.set(span.traceId, span.attributes['user.id']).get(span.traceId),
    ).toBe(span.attributes['user.id']);
});
