import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is neither false nor undefined, and returns it; fails with the last answer or error. */
export async function eventually<T>(
  ask: () => Promise<T | false | undefined>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`not within ${withinMs} ms`, { cause: last });
}
