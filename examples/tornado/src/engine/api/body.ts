import type { IncomingMessage } from 'node:http';
import { NotValid, Piece } from '../../config/piece.ts';
import { HttpError, readBody } from '../../http/route.ts';

/** What `read` makes of a body of JSON; 400 where that fails. */
export async function fromBody<T>(
  message: IncomingMessage,
  maxBytes: number,
  read: (body: Piece) => T,
): Promise<T> {
  const text = await readBody(message, maxBytes);
  try {
    return read(new Piece(JSON.parse(text), 'body'));
  } catch (error) {
    const isBad = error instanceof NotValid || error instanceof SyntaxError;
    throw isBad ? new HttpError(400, error.message) : error;
  }
}
