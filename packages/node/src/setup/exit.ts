const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Calls `flush` when a signal asks the process to end and when nothing is left for it to do. Where the application
 * has no handler of its own for the signal, the process then ends by it, as it would have without this, and by a second
 * one at once; where it has one, ending is its business. Returns how to stop.
 */
export function flushOnExit(flush: () => Promise<void>): () => void {
  const handlers = signals.map((signal) => {
    let asked = false;
    const end = (): void => {
      if (process.listeners(signal).some((each) => each !== handler)) return;
      process.removeListener(signal, handler);
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
  const idle = (): void => void flush();
  process.on('beforeExit', idle);
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    process.removeListener('beforeExit', idle);
  };
}
