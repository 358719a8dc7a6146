import type { Span } from '@opentelemetry/api';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { elapsedMs } from '../clock.ts';
import { type NetworkPhases, NetworkTrace } from './network-trace.ts';
import { connectionFailedBy, connectionOf } from './sockets.ts';

/** A request as undici's diagnostics channels show it; the same object in all of them. */
type FetchRequest = object & { origin: string | URL };

/** The network phases of fetch, and of undici, from its diagnostics channels. */
export class FetchPhases {
  readonly #traces = new WeakMap<FetchRequest, NetworkTrace>();
  readonly #mode: Exclude<NetworkPhases, 'off'>;
  readonly #channels: readonly [name: string, listener: (message: unknown) => void][];

  constructor(mode: Exclude<NetworkPhases, 'off'>) {
    this.#mode = mode;
    this.#channels = [
      this.#on('undici:client:sendHeaders', (network, { socket }: { socket: Socket }) => {
        const connection = connectionOf(socket);
        const reused = !connection || elapsedMs(network.begin, connection.createdAt) < 0;
        network.assigned(socket, connection, reused);
      }),
      this.#on('undici:request:bodySent', (network) => network.requestWritten()),
      this.#on('undici:request:headers', (network) => network.firstByte()),
      this.#on('undici:request:trailers', (network) => network.received()),
      this.#on('undici:request:error', (network, { error }: { error: Error }) => {
        const connection = connectionFailedBy(error);
        if (connection) network.refused(connection, error);
        else network.failed(error);
      }),
    ];
  }

  /** Begins to listen. Comes before the instrumentation that ends the requests' spans, or phases would outlive them. */
  watch(): () => void {
    for (const [name, listener] of this.#channels) subscribe(name, listener);
    return () => {
      for (const [name, listener] of this.#channels) unsubscribe(name, listener);
    };
  }

  started(request: FetchRequest, parent: Span): void {
    const { host } = new URL(request.origin);
    this.#traces.set(request, new NetworkTrace({ parent, host, mode: this.#mode, headersSent: () => true }));
  }

  #on<Message>(
    name: string,
    act: (network: NetworkTrace, message: Message) => void,
  ): [name: string, listener: (message: unknown) => void] {
    return [
      name,
      (message) => {
        const network = this.#traces.get((message as { request: FetchRequest }).request);
        if (network) act(network, message as Message);
      },
    ];
  }
}
