import type { Action } from '../event.ts';

/** An action could not be executed. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';
  /** Whether another attempt may go better. */
  readonly canRetry: boolean;

  constructor(message: string, canRetry: boolean) {
    super(message);
    this.canRetry = canRetry;
  }
}

/** What an action asks for, with its parameters checked. */
export interface Work {
  /** The name of its span; without one it has none of its own. */
  span?: string;
  /** Rejects with an `ExecutionError`. */
  run(): Promise<void> | void;
}

/** Executes the actions of one id. */
export interface Executor {
  /** Throws an `ExecutionError` that cannot be retried where a parameter is missing. */
  prepare(action: Action): Work;
}

/** The text under `key` in the payload of `action`. */
export function textIn(action: Action, key: string): string {
  const text = action.payload[key];
  if (typeof text === 'string') return text;
  throw new ExecutionError(`the payload of the action has no text "${key}"`, false);
}
