import type { LogOrder } from './log-query.ts';
import { InvalidCursor } from '../trace-query.ts';

/** Where a page of log records ended. */
export interface LogCursor {
  readonly order: LogOrder;
  /** Of the last record given; or, where `atTime` is 0, of which all records are still to come. */
  readonly time: bigint;
  /** Among records of that time those with a greater hash follow. */
  readonly hash: bigint;
  /** How many records with that very time and hash were given. */
  readonly equal: number;
  /** How many records of that time were given. */
  readonly atTime: number;
}

export function logCursorText({ order, time, hash, equal, atTime }: LogCursor): string {
  return Buffer.from([order, time, hash, equal, atTime].join(' ')).toString('base64url');
}

/** Throws InvalidCursor. */
export function readLogCursor(text: string, order: LogOrder): LogCursor {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const match = /^(newest|oldest) (\d{1,19}) (\d{1,20}) (\d{1,9}) (\d{1,9})$/.exec(decoded);
  if (!match) throw new InvalidCursor('this is not a cursor that a list of log records returned');
  if (match[1] !== order)
    throw new InvalidCursor(`this cursor belongs to a list with the ${match[1]} first, not the ${order}`);
  return {
    order,
    time: BigInt(match[2]!),
    hash: BigInt.asUintN(64, BigInt(match[3]!)),
    equal: Number(match[4]),
    atTime: Number(match[5]),
  };
}
