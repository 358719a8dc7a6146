import type { Answer } from './answer.ts';

/** Sends requests to one receiver over connections that stay open, and that keep no process alive. */
export interface Sender {
  /** One attempt. Never rejects: what went wrong is part of the answer. */
  send(body: Buffer): Promise<Answer>;
  /** Ends all connections; what is on its way gets an answer at once. */
  close(): void;
}
