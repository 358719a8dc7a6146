import grpc from '@grpc/grpc-js';
import { hello } from '../service/proto.ts';

/** The backend could not be asked; says where it was sought. */
export interface HelloBackend {
  /** One of its texts. */
  hello(): Promise<string>;
  close(): void;
}

export function helloBackend(endpoint: string, timeoutMs: number): HelloBackend {
  const { host, protocol } = new URL(endpoint);
  const credentials =
    protocol === 'https:' ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
  const client = new hello.Hello(host, credentials);
  return {
    hello: () =>
      new Promise((resolve, reject) => {
        client.hello({}, { deadline: Date.now() + timeoutMs }, (cause, answer) => {
          if (answer) resolve(answer.text);
          else reject(new Error(`cannot call the backend at ${endpoint}`, { cause }));
        });
      }),
    close: () => client.close(),
  };
}
