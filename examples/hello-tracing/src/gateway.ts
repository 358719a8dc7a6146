import { SpanStatusCode } from '@opentelemetry/api';
import { IncomingMessage, ServerResponse } from 'node:http';
import { failureOf } from './gateway/failures.ts';
import { backend, common, readConfig } from './service/config.ts';
import { headerAttributes } from './service/redact.ts';
import { runService } from './service/run-service.ts';

const schema = common.extend({ backend });

await runService({
  name: 'hello-tracing-gateway',
  readConfig: () => readConfig(schema),
  instrumentations: {
    http: {
      // Probes ask every few seconds whether the service is ready, and would flood the traces.
      ignoreIncomingRequestHook: ({ url }) => url === '/',
      requestHook: (span, request) => {
        if (!(request instanceof IncomingMessage)) return;
        span.updateName('incoming request');
        span.setAttributes(headerAttributes('http.request.header', request.headers));
      },
      applyCustomAttributesOnSpan: (span, _request, response) => {
        const message = response instanceof ServerResponse ? failureOf(response) : undefined;
        if (message) span.setStatus({ code: SpanStatusCode.ERROR, message });
      },
    },
    grpc: { requestHook: (span) => span.updateName('hello-backend-client') },
  },
  serve: async (config, log) => {
    const { serveGateway } = await import('./gateway/serve.ts');
    return serveGateway(config, log);
  },
});
