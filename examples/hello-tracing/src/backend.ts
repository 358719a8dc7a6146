import { common, readConfig } from './service/config.ts';
import { headerAttributes } from './service/redact.ts';
import { runService } from './service/run-service.ts';

await runService({
  name: 'hello-tracing-backend',
  readConfig: () => readConfig(common),
  instrumentations: {
    grpc: {
      requestHook: (span, { metadata }) => {
        span.updateName('incoming request');
        span.setAttributes(headerAttributes('rpc.grpc.request.metadata', metadata.getMap()));
      },
    },
  },
  serve: async (config, log) => {
    const { serveBackend } = await import('./backend/serve.ts');
    return serveBackend(config, log);
  },
});
