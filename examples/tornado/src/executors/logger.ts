import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Executor } from './executor.ts';

/** Logs what it gets. */
export function loggerExecutor(telemetry: Telemetry): Executor {
  return {
    prepare: ({ payload }) => ({
      run: () =>
        telemetry.log('info', 'LoggerExecutor - received action', { action: JSON.stringify(payload) }),
    }),
  };
}
