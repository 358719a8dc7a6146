import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Socket } from 'node:net';
import { fineNow } from '../clock.ts';

/** One completed step of opening a connection. */
export interface Step {
  phase: 'dns' | 'connect' | 'tls';
  start: HrTime;
  end: HrTime;
  attributes: Attributes;
  error?: Error | undefined;
}

/** What the request that waits for a connection wants to hear, in order. */
export interface ConnectionObserver {
  step(step: Step): void;
  ready(): void;
}

/**
 * The opening of one client socket as steps with their times, recorded from the moment the socket exists: name
 * resolution, each address tried, TLS. Steps follow one another; none overlaps another.
 */
export class Connection {
  readonly createdAt = fineNow();
  /** When its last request was done with it. */
  idleSince: HrTime | undefined;
  readonly #steps: Step[] = [];
  #open: Omit<Step, 'end'> | undefined = { phase: 'dns', start: fineNow(), attributes: {} };
  #resolved: HrTime | undefined;
  #addresses: string[] = [];
  #ready = false;
  #observer: ConnectionObserver | undefined;

  /** Tells `observer` all that has happened, then what happens. */
  observe(observer: ConnectionObserver): void {
    for (const step of this.#steps) observer.step(step);
    if (this.#ready) observer.ready();
    else this.#observer = observer;
  }

  addressFound(address: string | undefined, error: Error | null): void {
    if (this.#open?.phase !== 'dns') return;
    this.#resolved ??= fineNow();
    if (address !== undefined) this.#addresses.push(address);
    if (error) this.#close(error);
  }

  /** An address is tried. Where no name was resolved before, there was none to resolve. */
  attempt(remote: string): void {
    if (this.#resolved) this.#close();
    this.#open = {
      phase: 'connect',
      start: fineNow(),
      attributes: { 'http.remote': remote, 'http.conn.start.network': 'tcp' },
    };
  }

  attemptFailed(error: Error): void {
    if (this.#open?.phase === 'connect') this.#close(error);
  }

  connected(secure: boolean): void {
    if (this.#open?.phase === 'connect') {
      this.#open.attributes = {
        ...this.#open.attributes,
        'http.conn.done.network': 'tcp',
        'http.conn.done.addr': this.#open.attributes['http.remote'],
      };
      this.#close();
    }
    this.#open = secure ? { phase: 'tls', start: fineNow(), attributes: {} } : undefined;
    if (!secure) this.#becomeReady();
  }

  secured(attributes: Attributes): void {
    if (this.#open?.phase !== 'tls') return;
    this.#open.attributes = attributes;
    this.#close();
    this.#becomeReady();
  }

  /** The socket is gone, or its request gave up: the step under way ends so, and nobody is told any more. */
  failed(error: Error | undefined): void {
    this.#close(error);
    this.#observer = undefined;
  }

  #close(error?: Error): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const step: Step = { ...open, end: fineNow(), error };
    if (step.phase === 'dns' && this.#resolved) {
      step.end = this.#resolved;
      step.attributes = { 'http.dns.addrs': this.#addresses.join(',') };
    }
    this.#steps.push(step);
    this.#observer?.step(step);
  }

  #becomeReady(): void {
    this.#ready = true;
    const observer = this.#observer;
    this.#observer = undefined;
    observer?.ready();
  }
}

/** `address:port`, with brackets round an IPv6 address. */
export function endpoint(address: string | undefined, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function remoteOf(socket: Socket): string | undefined {
  return endpoint(socket.remoteAddress, socket.remotePort);
}

export function localOf(socket: Socket): string | undefined {
  return endpoint(socket.localAddress, socket.localPort);
}
