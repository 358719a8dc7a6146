import type { IncomingMessage } from 'node:http';
import type { Arrival } from './arrivals.ts';
import { Assembly } from './assembly.ts';

/** The sender went away before its request was complete: there is nobody to answer. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/**
 * The whole body. Throws TooLarge at once where the sender announces the length; rejects with TooLarge, Overloaded or
 * Aborted. Hot: runs for every request.
 */
export function readBody(request: IncomingMessage, maxBytes: number, arrival: Arrival): Promise<Buffer> {
  const announced = request.headers['content-length'];
  const expected = announced === undefined ? undefined : Number(announced);
  const body = new Assembly('the request body', maxBytes, expected, arrival);
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      request.off('data', take);
      reject(error);
    };
    const take = (chunk: Buffer) => {
      arrival.touch();
      try {
        body.append(chunk);
      } catch (error) {
        fail(error as Error);
      }
    };
    request.on('data', take);
    request.on('end', () => {
      arrival.complete();
      resolve(body.take());
    });
    request.on('error', () => fail(new Aborted('the sender went away')));
  });
}

/**
 * Reads on after an early answer, so that the answer reaches a sender who is still writing: cutting the connection
 * would take the answer away from it. Who does not come to an end in time is cut off.
 */
export function drain(request: IncomingMessage, maxBytes: number, maxMs: number): void {
  if (request.complete) return;
  let left = maxBytes;
  const cut = setTimeout(() => request.socket.destroy(), maxMs).unref();
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.on('error', () => {});
  request.on('close', () => clearTimeout(cut));
  request.resume();
}
