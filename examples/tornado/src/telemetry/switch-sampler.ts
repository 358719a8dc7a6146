import { type Context, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';

/**
 * Records everything or nothing, as the switch says, whatever a caller in another process has decided. A span below one of
 * this process goes with it, so the switch never cuts a trace in two inside a process.
 */
export class SwitchSampler implements Sampler {
  on: boolean;

  constructor(on: boolean) {
    this.on = on;
  }

  shouldSample(parent: Context): SamplingResult {
    const above = trace.getSpanContext(parent);
    const record = above && !above.isRemote ? (above.traceFlags & 1) === 1 : this.on;
    return { decision: record ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  }

  toString(): string {
    return `SwitchSampler{${this.on ? 'on' : 'off'}}`;
  }
}
