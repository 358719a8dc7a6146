const signals = ['SIGTERM', 'SIGINT'] as const;

export interface BeforeExit {
  flush: () => Promise<void>;
  /** Called where the process ends by `process.exit`, before `last`; must be done when it returns. */
  exit: () => void;
  /** Called when the process ends, after `flush` where there was time for it; must be done when it returns. */
  last: () => void;
  /** Grows with what there is to flush. */
  work: () => number;
}

/**
 * Calls `flush` when a signal asks the process to end and when nothing is left for it to do. Where the application
 * has no handler of its own for the signal, the process then ends by it, as it would have without this, and by a second
 * one at once; where it has one, ending is its business. Returns how to stop.
 *
 *     SIGTERM    flush, last, end by the signal
 *     idle       flush, and then what `process.exit` does
 *     exit       exit, last
 */
export function flushOnExit({ flush, exit, last, work }: BeforeExit): () => void {
  const handlers = signals.map((signal) => {
    let asked = false;
    const end = (): void => {
      if (process.listeners(signal).some((each) => each !== handler)) return;
      process.removeListener(signal, handler);
      last();
      process.kill(process.pid, signal);
    };
    const handler = (): void => {
      if (asked) return end();
      asked = true;
      void flush().finally(end);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  // Waiting makes the process busy, and idle again: what could not be sent then is not tried over and over.
  let flushed = -1;
  const idle = (): void => {
    if (flushed === work()) return;
    flushed = work();
    void flush();
  };
  process.on('beforeExit', idle);
  const exited = (): void => {
    exit();
    last();
  };
  process.on('exit', exited);
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    process.removeListener('beforeExit', idle);
    process.removeListener('exit', exited);
  };
}
