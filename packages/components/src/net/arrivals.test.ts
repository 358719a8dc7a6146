import { Overloaded } from '@throughline/model';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { Assembly } from './assembly.ts';
import { TooLarge } from './too-large.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setup = (maxBytes = 1000) => {
  const arrivals = new Arrivals({ maxBytes, stallMs: 60_000, now: () => Date.now() });
  arrivals.start();
  return arrivals;
};

test('cuts off a sender that falls silent, not one that sends slowly', () => {
  const arrivals = setup();
  const cut: string[] = [];
  arrivals.begin(() => cut.push('silent'));
  const slow = arrivals.begin(() => cut.push('slow'));
  const complete = arrivals.begin(() => cut.push('complete'));
  complete.complete();
  for (let minute = 0; minute < 10; minute++) {
    vi.advanceTimersByTime(50_000);
    slow.touch();
  }
  expect(cut).toEqual(['silent']);
  slow.end();
  vi.advanceTimersByTime(200_000);
  expect(cut).toEqual(['silent']);
  arrivals.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('holds a bounded number of bytes for all requests together', () => {
  const arrivals = setup(1000);
  const first = arrivals.begin(() => {});
  const second = arrivals.begin(() => {});
  first.grow(600);
  second.grow(400);
  expect(() => second.grow(1)).toThrow(Overloaded);
  first.end();
  first.end();
  second.grow(600);
  expect(arrivals.bytes).toBe(1000);
  second.end();
  expect(arrivals.bytes).toBe(0);
  arrivals.stop();
});

test('does not set much aside for a length that is only announced', () => {
  const arrivals = setup(1e9);
  const arrival = arrivals.begin(() => {});
  const assembly = new Assembly('the body', 1e8, 1e8, arrival);
  assembly.append(Buffer.alloc(1));
  assembly.append(Buffer.alloc(1));
  expect(arrivals.bytes).toBeLessThan(2e6);
  arrivals.stop();
});

test.each([
  ['announced', 1_000_000],
  ['not announced', undefined],
])('puts chunks together whatever their sizes, length %s', (_, announced) => {
  const arrivals = setup(1e9);
  const whole = Buffer.from(Array.from({ length: 1_000_000 }, (__, i) => (i * 31) % 251));
  for (const sizes of [[1_000_000], [1, 999_999], [999_999, 1], [300_000], [65_536], [1000]]) {
    const arrival = arrivals.begin(() => {});
    const assembly = new Assembly('the body', 1_000_000, announced, arrival);
    for (let at = 0, i = 0; at < whole.length; i++) {
      const size = sizes[i % sizes.length]!;
      assembly.append(whole.subarray(at, at + size));
      at += size;
    }
    expect(assembly.take().equals(whole), String(sizes)).toBe(true);
    expect(arrivals.bytes).toBeLessThan(1_100_000);
    expect(() => assembly.append(Buffer.alloc(1))).toThrow(TooLarge);
    arrival.end();
  }
  arrivals.stop();
});
