import type { TraceStore } from '@throughline/store';
import type { Intake } from './import/intake.ts';
import type { Status } from './api/types.ts';

/** What the API is made of. */
export interface ApiOptions {
  readonly store: TraceStore;
  /** Where imported files go. Default: they are refused. */
  readonly intake?: Intake;
  /** What `status` says beside the counts of the store. Called for every request of it. */
  readonly status: () => RuntimeStatus | Promise<RuntimeStatus>;
  /** Whether DELETE /throughline/v1/data deletes everything, or is refused. */
  readonly allowPurge: boolean;
  /** Where a proxy, or the configuration, mounts everything: empty or such as `/tracing`. Default: empty. */
  readonly basePath?: string;
  /** The web app: answers GET requests that are not for an API. `path` is without the base path. */
  readonly ui?: { respond(path: string, headers: Headers): Response | Promise<Response> };
  readonly log: {
    warn(event: string, fields?: Record<string, unknown>): void;
    error(event: string, fields?: Record<string, unknown>): void;
  };
  /** Milliseconds since 1970. Default: Date.now. */
  readonly now?: () => number;
}

export type RuntimeStatus = Omit<Status, 'spans' | 'logs' | 'purge_allowed'>;
