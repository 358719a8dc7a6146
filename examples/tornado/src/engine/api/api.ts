import type { Metrics } from '../../telemetry/metrics.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Drafts } from '../drafts.ts';
import type { Engine } from '../engine.ts';
import type { Auth } from './auth.ts';

/** What the engine's HTTP API works with. */
export interface Api {
  engine: Engine;
  drafts: Drafts;
  auth: Auth;
  telemetry: Telemetry;
  metrics: Metrics;
  maxBodyBytes: number;
}
