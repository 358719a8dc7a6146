import grpc from '@grpc/grpc-js';
import type { Config } from '../service/config.ts';
import type { Log } from '../service/log.ts';
import { type HelloRequest, type HelloResponse, hello } from '../service/proto.ts';
import type { Running } from '../service/run-service.ts';
import { inSpan, within } from '../service/spans.ts';

const texts = ["Hello, I'm a tracing demo!", "Hello, I'm built with TypeScript, Node and gRPC!"];

/** The service Hello of hello.proto, whose texts alternate. */
export async function serveBackend({ api }: Config, log: Log): Promise<Running> {
  let calls = 0;

  async function answer(): Promise<HelloResponse> {
    const text = texts[calls++ % texts.length] ?? '';
    log.debug({ text }, 'answering');
    return { text };
  }

  const server = new grpc.Server();
  server.addService(hello.Hello.service, {
    Hello: (_call: unknown, done: grpc.sendUnaryData<HelloResponse>) => {
      void within({ name: 'incoming request' }, () => inSpan('hello-handler', answer)).then(
        (value) => done(null, value),
        (error: Error) => done({ code: grpc.status.INTERNAL, details: error.message }),
      );
    },
  } satisfies Record<string, grpc.handleUnaryCall<HelloRequest, HelloResponse>>);
  const port = await new Promise<number>((resolve, reject) => {
    const at = `${api.address.includes(':') ? `[${api.address}]` : api.address}:${api.port}`;
    server.bindAsync(at, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  log.info({ address: { address: api.address, port } }, 'listening');
  return {
    close: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
      }),
  };
}
