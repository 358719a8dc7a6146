import { SpanKind } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import type { Action } from '../event.ts';
import { Pool } from '../pool.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ExecutionError, type Executor } from './executor.ts';
import type { RetryStrategy } from './retry-strategy.ts';

/** How the actions of one id are executed. */
export interface Registered {
  executor: Executor;
  /** `undefined`: never tried again. */
  retry?: RetryStrategy;
  /** How many are executed at a time. */
  atOnce: number;
}

/** Executes actions, each as often as it takes; every attempt is a CONSUMER span `Execute Action: <id>`. */
export class ActionRunner {
  readonly #telemetry: Telemetry;
  readonly #metrics: Metrics;
  readonly #executors = new Map<string, Registered & { pool: Pool }>();
  readonly #stopped = new AbortController();

  constructor(telemetry: Telemetry, metrics: Metrics) {
    this.#telemetry = telemetry;
    this.#metrics = metrics;
  }

  register(id: string, registered: Registered): void {
    this.#executors.set(id, { ...registered, pool: new Pool(registered.atOnce) });
  }

  /** Resolves with whether it was executed, when it is or is given up. An unknown id is only logged. */
  async run(action: Action): Promise<boolean> {
    const { id } = action;
    this.#metrics.count('actions_received_counter', { action_id: id });
    const registered = this.#executors.get(id);
    if (!registered) {
      this.#telemetry.log('warn', `There are not executors for action id [${id}]`);
      return false;
    }
    for (let failed = 0; ;) {
      const error = await this.#attempt(action, registered, failed + 1);
      const attempt_result = error ? 'failure' : 'success';
      this.#metrics.count('actions_processing_attempts_counter', { action_id: id, attempt_result });
      if (!error) return this.#done(id, 'success');
      failed++;
      const waitMs = error.canRetry ? registered.retry?.(failed) : undefined;
      if (waitMs === undefined || !(await this.#wait(waitMs, failed))) {
        this.#telemetry.log('warn', `The failed message will not be retried. Failed attempts: ${failed}`);
        return this.#done(id, 'failure');
      }
    }
  }

  /** What waits for its next attempt is given up. */
  stop(): void {
    this.#stopped.abort();
  }

  #done(action_id: string, action_result: 'success' | 'failure'): boolean {
    this.#metrics.count('actions_processed_counter', { action_id, action_result });
    return action_result === 'success';
  }

  async #wait(ms: number, failed: number): Promise<boolean> {
    const message = `The failed message will be reprocessed based on the current RetryPolicy. Failed attempts: ${failed}`;
    this.#telemetry.log('warn', `${message}; next in ${ms} ms`);
    await delay(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
    return !this.#stopped.signal.aborted;
  }

  async #attempt(
    action: Action,
    { executor, pool }: { executor: Executor; pool: Pool },
    attempt: number,
  ): Promise<ExecutionError | undefined> {
    const leave = await pool.enter();
    const name = `Execute Action: ${action.id}`;
    try {
      const attributes = { action_id: action.id, attempt };
      await this.#telemetry.span('info', name, { kind: SpanKind.CONSUMER, attributes }, () =>
        this.#execute(action, executor),
      );
      return undefined;
    } catch (error) {
      return error instanceof ExecutionError ? error : new ExecutionError(String(error), false);
    } finally {
      leave();
    }
  }

  async #execute(action: Action, executor: Executor): Promise<void> {
    const telemetry = this.#telemetry;
    telemetry.log('debug', `CommandExecutorActor - Execute action [${action.id}]`);
    try {
      const work = telemetry.span('debug', 'Extract parameters for Executor', {}, () =>
        executor.prepare(action),
      );
      if (work.span === undefined) await work.run();
      else await telemetry.span('debug', work.span, {}, async () => work.run());
      telemetry.log('debug', `CommandExecutorActor - Action [${action.id}] executed successfully`);
    } catch (error) {
      const { message } = error as Error;
      telemetry.log('error', `CommandExecutorActor - Failed to execute action [${action.id}]: ${message}`);
      throw error;
    }
  }
}
