import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { getStringListFromEnv } from '@opentelemetry/core';
import type { Span } from '@opentelemetry/api';
import { ClientRequest, IncomingMessage } from 'node:http';
import { FetchPhases } from '../network/fetch.ts';
import { traceRequest } from '../network/http.ts';
import type { NetworkPhases } from '../network/network-trace.ts';
import { warn } from './warn.ts';

const make = { http: instrumentHttp, undici: instrumentFetch };

/**
 * Instruments node:http, node:https (`http`) and fetch (`undici`), but for those that
 * OTEL_NODE_DISABLED_INSTRUMENTATIONS names, or OTEL_NODE_ENABLED_INSTRUMENTATIONS does not.
 */
export function instrumentationsFromEnv(phases: NetworkPhases): Instrumentation[] {
  const all = Object.keys(make) as (keyof typeof make)[];
  const enabled = getStringListFromEnv('OTEL_NODE_ENABLED_INSTRUMENTATIONS') ?? all;
  const disabled = getStringListFromEnv('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [];
  for (const name of [...enabled, ...disabled]) {
    if (!(name in make)) warn(`OTEL_NODE_…_INSTRUMENTATIONS: ${name} is not among ${all.join(', ')}`);
  }
  return all
    .filter((name) => enabled.includes(name) && !disabled.includes(name))
    .map((name) => make[name](phases));
}

function instrumentHttp(phases: NetworkPhases): Instrumentation {
  if (phases === 'off') return new HttpInstrumentation();
  const answered = new WeakMap<Span, (response: IncomingMessage) => void>();
  return new HttpInstrumentation({
    requestHook: (span, request) => {
      if (span.isRecording() && request instanceof ClientRequest)
        answered.set(span, traceRequest(request, span, phases));
    },
    responseHook: (span, response) => {
      if (response instanceof IncomingMessage) answered.get(span)?.(response);
    },
  });
}

function instrumentFetch(phases: NetworkPhases): Instrumentation {
  if (phases === 'off') return new UndiciInstrumentation();
  const fetchPhases = new FetchPhases(phases);
  fetchPhases.watch();
  return new UndiciInstrumentation({
    requestHook: (span, request) => {
      if (span.isRecording()) fetchPhases.started(request, span);
    },
  });
}
