import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Link,
  type SpanKind,
  context,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Sampler, type SamplingResult, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { warn } from '../setup/warn.ts';
import { askStrategy } from './strategy-source.ts';
import { samplerOf } from './strategy.ts';

export interface JaegerRemoteOptions {
  /** Of the sampling manager: `http://host:port`. */
  endpoint: URL;
  serviceName: string;
  pollingIntervalMs: number;
  /** Used until the first answer. */
  initialSampler?: Sampler;
  /** Where there is no `initialSampler`, this share of the traces. */
  initialSamplingRate: number;
}

/** Samples as a Jaeger sampling manager says, which it asks at once and then regularly; the last answer holds. */
export class JaegerRemoteSampler implements Sampler {
  readonly #options: JaegerRemoteOptions;
  #sampler: Sampler;
  #answer = '';
  #failing = false;

  constructor(options: JaegerRemoteOptions) {
    this.#options = options;
    this.#sampler = options.initialSampler ?? new TraceIdRatioBasedSampler(options.initialSamplingRate);
    void this.#poll();
  }

  shouldSample(
    parent: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    return this.#sampler.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  toString(): string {
    const { endpoint, serviceName } = this.#options;
    return `JaegerRemoteSampler{endpoint=${endpoint.href}, service=${serviceName}, now=${String(this.#sampler)}}`;
  }

  async #poll(): Promise<void> {
    await this.#update();
    setTimeout(() => void this.#poll(), this.#options.pollingIntervalMs).unref();
  }

  async #update(): Promise<void> {
    const { endpoint, serviceName } = this.#options;
    try {
      const strategy = await context.with(suppressTracing(ROOT_CONTEXT), () =>
        askStrategy(endpoint, serviceName),
      );
      // The same answer again must not give its rate limits new credit.
      const answer = JSON.stringify(strategy);
      if (answer !== this.#answer) this.#sampler = samplerOf(strategy);
      this.#answer = answer;
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        warn(`no sampling strategy from ${endpoint.href}: ${reasonOf(error)}; the last one holds`);
      this.#failing = true;
    }
  }
}

const reasonOf = (error: unknown): string =>
  (error as Error).message || String((error as NodeJS.ErrnoException).code);
