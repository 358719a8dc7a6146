import { expect, test } from 'vitest';
import { Piece } from '../config/piece.ts';
import { parseRetryStrategy } from './retry-strategy.ts';

/** How long is waited after the first failures. */
function waits(retry_policy?: object, backoff_policy?: object): (number | undefined)[] {
  const strategy = parseRetryStrategy(new Piece({ retry_policy, backoff_policy }, 'tornado.toml'));
  return [1, 2, 3, 4].map(strategy);
}

test('by default a failure is tried again 20 times, after one second and twice as long each time', () => {
  expect(waits()).toEqual([1000, 2000, 4000, 8000]);
  const strategy = parseRetryStrategy(new Piece(undefined, 'tornado.toml'));
  expect([strategy(20) !== undefined, strategy(21)]).toEqual([true, undefined]);
});

test('a failure is tried again as often as the policy says', () => {
  const none = { type: 'None' };
  expect(waits({ type: 'MaxRetries', retries: 2 }, none)).toEqual([0, 0, undefined, undefined]);
  expect(waits({ type: 'Infinite' }, none)).toEqual([0, 0, 0, 0]);
  expect(waits(none, none)).toEqual([undefined, undefined, undefined, undefined]);
});

test('it is waited as long as the policy says', () => {
  const always = { type: 'Infinite' };
  expect(waits(always, { type: 'Fixed', ms: 70 })).toEqual([70, 70, 70, 70]);
  expect(waits(always, { type: 'Variable', ms: [1, 22] })).toEqual([1, 22, 22, 22]);
  expect(waits(always, { type: 'Exponential', ms: 10, multiplier: 3 })).toEqual([10, 30, 90, 270]);
});

test('a policy that is none is refused with its place', () => {
  expect(() => waits({ type: 'Never' })).toThrow(
    'tornado.toml: retry_policy.type: "Never" is none of MaxRetries, None, Infinite',
  );
  expect(() => waits({ type: 'Infinite' }, { type: 'Fixed', ms: 'long' })).toThrow('backoff_policy.ms: ');
});
