import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

export type HelloRequest = Record<string, never>;
export interface HelloResponse {
  text: string;
}

export interface HelloClient extends grpc.Client {
  hello(
    request: HelloRequest,
    options: grpc.CallOptions,
    done: (error: grpc.ServiceError | null, answer?: HelloResponse) => void,
  ): grpc.ClientUnaryCall;
}

interface Package {
  Hello: {
    new (address: string, credentials: grpc.ChannelCredentials): HelloClient;
    service: grpc.ServiceDefinition;
  };
}

const file = fileURLToPath(new URL('../../hello.proto', import.meta.url));

/** The package of hello.proto. */
export const hello = grpc.loadPackageDefinition(loadSync(file))[
  'hello_tracing_backend_v0'
] as unknown as Package;
