import type { Attributes } from '@opentelemetry/api';
import { type Socket, connect } from 'node:net';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Channel } from './channel.ts';

export interface TcpChannelOptions {
  host: string;
  port: number;
  /** `false`: events go without their context, and the trace breaks here, as in the original. */
  carriesContext: boolean;
  peerService: string;
  telemetry: Telemetry;
}

/** Writes events as lines of JSON to the engine's TCP port. */
export class TcpChannel implements Channel {
  readonly broker = 'TCP';
  readonly actor = 'TcpClientActor';
  readonly level = 'error';
  readonly spanName = 'TcpClientActor';
  readonly attributes: Attributes;
  readonly carriesContext: boolean;
  readonly #options: TcpChannelOptions;
  readonly #whenConnected: (() => void)[] = [];
  #socket: Promise<Socket> | undefined;

  constructor(options: TcpChannelOptions) {
    this.#options = options;
    this.carriesContext = options.carriesContext;
    this.attributes = {
      ...(options.carriesContext && { 'peer.service': options.peerService }),
      'server.address': options.host,
      'server.port': options.port,
    };
  }

  async send(event: string): Promise<void> {
    const socket = await (this.#socket ??= this.#open());
    await new Promise<void>((resolve, reject) => {
      socket.write(`${event}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  onConnected(then: () => void): void {
    this.#whenConnected.push(then);
  }

  async close(): Promise<void> {
    const socket = await this.#socket?.catch(() => undefined);
    if (!socket) return;
    await new Promise<void>((resolve) => socket.end(resolve));
  }

  #open(): Promise<Socket> {
    const { host, port, telemetry } = this.#options;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('connect', () => {
        telemetry.log('info', `TcpClientActor - Connected to ${host}:${port}`);
        resolve(socket);
        this.#whenConnected.forEach((then) => then());
      });
      socket.on('error', reject);
      socket.on('close', () => (this.#socket = undefined));
      socket.resume();
    });
  }
}
