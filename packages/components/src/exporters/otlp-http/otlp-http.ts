import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { InvalidData } from '@throughline/model';
import {
  defineExporter,
  type Env,
  type Exporter,
  type JournalRange,
  loadClientTls,
  withoutPassword,
} from '@throughline/pipeline';
import { type Batch, concatBatches, logsToJson, type Signal, tracesToJson } from '@throughline/wire';
import { compress } from '../../net/compression.ts';
import { type OtlpHttpConfig, otlpHttpConfig } from './config.ts';
import { post } from './post.ts';
import { errorOf, partialSuccess } from './reply.ts';

/** Sends traces and logs to any OTLP/HTTP backend (opentelemetry-proto, docs/specification.md), at least once. */
export const otlpHttp = defineExporter({
  type: 'otlp_http',
  aliases: ['otlphttp'],
  signals: ['traces', 'logs'],
  config: otlpHttpConfig,
  create: (config, env) => new OtlpHttpExporter(config, env),
});

const defaultRequestBytes = 4 * 1024 * 1024;
const defaultDelayMs = 200;
/** Half the processor time of zlib's own default, for about a tenth more bytes. */
const defaultGzipLevel = 1;

class OtlpHttpExporter implements Exporter {
  readonly delivery: Exporter['delivery'];
  readonly #config: OtlpHttpConfig;
  readonly #env: Env;
  readonly #urls: Record<Signal, string | undefined>;
  readonly #rejected: (value: number, labels?: Record<string, string>) => void;
  #agents: { plain: Agent; tls: TlsAgent } | undefined;

  constructor(config: OtlpHttpConfig, env: Env) {
    const { batch } = config.sendingQueue;
    this.#config = config;
    this.#env = env;
    this.#urls = { traces: urlOf(config, 'traces'), logs: urlOf(config, 'logs') };
    this.delivery = {
      maxBytes: (batch?.sizer === 'bytes' && batch.maxSize) || defaultRequestBytes,
      maxDelayMs: batch?.flushTimeout ?? defaultDelayMs,
      retry: config.retryOnFailure,
    };
    this.#rejected = env.meter.counter(
      'throughline_exporter_rejected_items',
      'Spans and log records that a backend did not take though it took the rest of the request.',
    );
  }

  async start(): Promise<void> {
    const { disableKeepAlives, maxConnsPerHost, idleConnTimeout } = this.#config;
    const options = {
      keepAlive: !disableKeepAlives,
      maxSockets: maxConnsPerHost || Infinity,
      ...(idleConnTimeout > 0 && { timeout: idleConnTimeout }),
    };
    this.#agents = {
      plain: new Agent(options),
      tls: new TlsAgent({ ...options, ...(await loadClientTls(this.#config.tls)) }),
    };
  }

  async stop(): Promise<void> {
    this.#agents?.plain.destroy();
    this.#agents?.tls.destroy();
  }

  async deliver(range: JournalRange): Promise<void> {
    const url = this.#urls[range.signal];
    if (url === undefined) throw new InvalidData(`neither endpoint nor ${range.signal}_endpoint is set`);
    const batches: Batch[] = [];
    for await (const batch of range.batches()) batches.push(batch);
    if (batches.length > 0) await this.#send(url, batches, range.abort);
  }

  /** In one request if the backend takes it, otherwise in halves. */
  async #send(url: string, batches: readonly Batch[], abort: AbortSignal): Promise<void> {
    const batch = concatBatches(batches);
    const reply = await this.#post(url, batch, abort);
    if (reply.status === 413 && batches.length > 1) {
      const half = batches.length >> 1;
      await this.#send(url, batches.slice(0, half), abort);
      return this.#send(url, batches.slice(half), abort);
    }
    const error = errorOf(withoutPassword(url), reply, this.#env.now());
    if (error) throw error;
    const { rejected, message } = partialSuccess(reply);
    if (rejected === 0 && message === '') return;
    this.#rejected(rejected, { exporter: this.#env.id, signal: batch.signal });
    this.#env.log.warn('the backend did not take everything', {
      url: withoutPassword(url),
      signal: batch.signal,
      rejected,
      message,
    });
  }

  async #post(url: string, { signal, bytes }: Batch, abort: AbortSignal) {
    const { encoding, compression, compressionParams, timeout } = this.#config;
    const body = encoding === 'proto' ? bytes : Buffer.from(toJson[signal](bytes));
    const coding = compression === 'none' || compression === '' ? undefined : compression;
    const level = compressionParams.level ?? (coding === 'gzip' ? defaultGzipLevel : undefined);
    const agents = this.#agents!;
    try {
      return await post(
        url,
        {
          agent: url.startsWith('https:') ? agents.tls : agents.plain,
          signal: abort,
          timeoutMs: timeout,
          headers: {
            'User-Agent': `throughline/${this.#env.version}`,
            ...this.#config.headers,
            'Content-Type': encoding === 'proto' ? 'application/x-protobuf' : 'application/json',
            ...(coding && { 'Content-Encoding': coding }),
          },
        },
        coding ? await compress(coding, body, level) : body,
      );
    } catch (error) {
      // A name with several addresses fails with all their errors, and says nothing itself.
      const cause = error instanceof AggregateError ? error.errors[0] : error;
      throw new Error(`sending to ${withoutPassword(url)}`, { cause });
    }
  }
}

const toJson: Record<Signal, (bytes: Uint8Array) => string> = { traces: tracesToJson, logs: logsToJson };

function urlOf(config: OtlpHttpConfig, signal: Signal): string | undefined {
  const own = signal === 'traces' ? config.tracesEndpoint : config.logsEndpoint;
  return own ?? (config.endpoint && `${config.endpoint.replace(/\/$/, '')}/v1/${signal}`);
}
