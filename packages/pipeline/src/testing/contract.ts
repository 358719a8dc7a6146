import { describe, test } from 'vitest';

/** Sentences that must hold, each with the test that shows it. */
export type Cases<S> = Record<string, (setup: S) => Promise<void>>;

/** Sentences that need not hold, each with the reason; a sentence that does not exist does not compile. */
export type Excuses<C> = { readonly [sentence in keyof C]?: string };

/** Runs every case against a fresh `setup`, which may free what it made with `after`. */
export function runCases<S, C extends Cases<S>>(
  name: string,
  cases: C,
  setup: (after: (cleanUp: () => Promise<void> | void) => void) => Promise<S>,
  excuses: Excuses<C>,
): void {
  describe(name, () => {
    for (const [sentence, run] of Object.entries(cases)) {
      const excuse = excuses[sentence];
      if (excuse !== undefined) {
        test.skip(`${sentence} (excused: ${excuse})`, () => {});
        continue;
      }
      test(sentence, async () => {
        const cleanUps: (() => Promise<void> | void)[] = [];
        try {
          await run(await setup((cleanUp) => cleanUps.push(cleanUp)));
        } finally {
          for (const cleanUp of cleanUps.toReversed()) await cleanUp();
        }
      });
    }
  });
}
