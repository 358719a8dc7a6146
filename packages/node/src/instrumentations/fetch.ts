import type { Instrumentation } from '@opentelemetry/instrumentation';
import {
  UndiciInstrumentation,
  type UndiciInstrumentationConfig,
} from '@opentelemetry/instrumentation-undici';
import { FetchPhases } from '../network/fetch.ts';
import type { NetworkPhases } from '../network/network-trace.ts';

/** fetch, and undici, with the network's phases below each request. */
export function instrumentFetch(
  phases: NetworkPhases,
  config: UndiciInstrumentationConfig = {},
): Instrumentation {
  if (phases === 'off') return new UndiciInstrumentation(config);
  const fetchPhases = new FetchPhases(phases);
  fetchPhases.watch();
  return new UndiciInstrumentation({
    ...config,
    requestHook: (span, request) => {
      if (span.isRecording()) fetchPhases.started(request, span);
      config.requestHook?.(span, request);
    },
  });
}
