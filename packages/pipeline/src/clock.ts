/** Time as the pipeline sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or as soon as `abort` is aborted. Never rejects. */
  sleep(ms: number, abort: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, abort) =>
    new Promise((resolve) => {
      if (abort.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        abort.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      abort.addEventListener('abort', done);
    }),
};
