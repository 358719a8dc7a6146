import type { Context } from '@opentelemetry/api';
import { type Sampler, type SamplingResult, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { RateLimiter } from './rate-limiter.ts';

/**
 * What Jaeger's sampling manager answers (`SamplingStrategyResponse` of its api_v2/sampling.proto, as JSON). A field
 * whose value is zero may be missing.
 */
export interface SamplingStrategy {
  strategyType?: 'PROBABILISTIC' | 'RATE_LIMITING' | 0 | 1;
  probabilisticSampling?: { samplingRate?: number };
  rateLimitingSampling?: { maxTracesPerSecond?: number };
  operationSampling?: {
    defaultSamplingProbability?: number;
    defaultLowerBoundTracesPerSecond?: number;
    perOperationStrategies?: { operation?: string; probabilisticSampling?: { samplingRate?: number } }[];
  };
}

/** More operations than these share one sampler: names may be without end. */
const maxOperations = 2000;

/** The sampler that does as `strategy` says. Throws where it says nothing. */
export function samplerOf(strategy: SamplingStrategy): Sampler {
  const { operationSampling, rateLimitingSampling, probabilisticSampling, strategyType } = strategy;
  if (operationSampling?.perOperationStrategies) return new OperationSampler(operationSampling);
  const limited = strategyType === 'RATE_LIMITING' || strategyType === 1;
  if (rateLimitingSampling && (limited || !probabilisticSampling))
    return new RateLimitingSampler(rateLimitingSampling.maxTracesPerSecond ?? 0);
  if (probabilisticSampling) return new TraceIdRatioBasedSampler(probabilisticSampling.samplingRate ?? 0);
  throw new Error('the answer has no strategy');
}

const decided = (sampled: boolean): SamplingResult => ({
  decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
});

class RateLimitingSampler implements Sampler {
  readonly #limiter: RateLimiter;
  readonly #perSecond: number;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#limiter = new RateLimiter(perSecond);
  }

  shouldSample(): SamplingResult {
    return decided(this.#limiter.allows());
  }

  toString(): string {
    return `RateLimiting{${this.#perSecond}/s}`;
  }
}

/** A share of each operation's traces, and of those that are rare at least some per second. */
class OperationSampler implements Sampler {
  readonly #lowerBound: number;
  readonly #others: Sampler;
  readonly #operations = new Map<string, { ratio: Sampler; atLeast: RateLimiter }>();

  constructor(strategy: NonNullable<SamplingStrategy['operationSampling']>) {
    this.#lowerBound = strategy.defaultLowerBoundTracesPerSecond ?? 0;
    this.#others = new TraceIdRatioBasedSampler(strategy.defaultSamplingProbability ?? 0);
    for (const { operation = '', probabilisticSampling } of strategy.perOperationStrategies ?? [])
      this.#add(operation, new TraceIdRatioBasedSampler(probabilisticSampling?.samplingRate ?? 0));
  }

  shouldSample(context: Context, traceId: string, name: string, ...rest: SamplingArguments): SamplingResult {
    const operation = this.#operations.get(name) ?? this.#add(name, this.#others);
    const by = (sampler: Sampler): SamplingResult => sampler.shouldSample(context, traceId, name, ...rest);
    if (!operation) return by(this.#others);
    // One that is sampled by its share counts for the lower bound too.
    const atLeast = operation.atLeast.allows();
    return atLeast ? decided(true) : by(operation.ratio);
  }

  #add(name: string, ratio: Sampler): { ratio: Sampler; atLeast: RateLimiter } | undefined {
    if (this.#operations.size >= maxOperations) return undefined;
    const operation = { ratio, atLeast: new RateLimiter(this.#lowerBound) };
    this.#operations.set(name, operation);
    return operation;
  }

  toString(): string {
    const shares = [...this.#operations].map(([name, { ratio }]) => `${name}=${String(ratio)}`);
    return `PerOperation{default=${String(this.#others)}, ${shares.join(', ')}}`;
  }
}

type SamplingArguments =
  Parameters<Sampler['shouldSample']> extends [unknown, unknown, unknown, ...infer Rest] ? Rest : never;
