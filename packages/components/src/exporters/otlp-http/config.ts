import {
  clientTls,
  duration,
  headers,
  httpUrl,
  retryOnFailure,
  sendingQueue,
  timeout,
} from '@throughline/pipeline';
import { z } from 'zod';
import { areHeaders, notHeaders } from '../../response-headers.ts';
import { unsupported, withoutEffect } from '../../unsupported.ts';

const bufferSize = () => withoutEffect(z.int().nonnegative(), 'the runtime sizes its buffers itself');
const http1 = 'this program sends with HTTP/1.1';

/** The Collector's configuration of its OTLP/HTTP exporter, for traces and logs. */
export const otlpHttpConfig = z
  .strictObject({
    endpoint: httpUrl()
      .optional()
      .describe(
        'Where to send: `/v1/traces` and `/v1/logs` are added to it. Example: `http://collector:4318`.',
      ),
    tracesEndpoint: httpUrl()
      .optional()
      .describe('Where to send traces, instead of `endpoint`; used as it is.'),
    logsEndpoint: httpUrl().optional().describe('Where to send logs, instead of `endpoint`; used as it is.'),
    metricsEndpoint: withoutEffect(z.string(), 'metrics are not carried'),
    profilesEndpoint: withoutEffect(z.string(), 'profiles are not carried'),
    headers: headers().refine(areHeaders, notHeaders),
    tls: clientTls(),
    timeout: timeout('30s'),
    compression: z
      .enum(['gzip', 'zstd', 'none', ''])
      .default('gzip')
      .describe('How requests are compressed; `none` costs least processor time.'),
    compressionParams: z
      .strictObject({
        level: z
          .int()
          .min(-1)
          .max(22)
          .optional()
          .describe('gzip: 1 to 9, zstd: 1 to 22. Default: 1 for gzip, 3 for zstd.'),
      })
      .prefault({})
      .describe('How much effort goes into compression.'),
    encoding: z.enum(['proto', 'json']).default('proto').describe('Protobuf, or OTLP/JSON.'),
    retryOnFailure: retryOnFailure(),
    sendingQueue: sendingQueue(),
    disableKeepAlives: z.boolean().default(false).describe('Open a connection for each request.'),
    idleConnTimeout: duration()
      .prefault('90s')
      .describe('Close a connection that has not been used for this long. `0s`: never.'),
    maxConnsPerHost: z.int().nonnegative().default(0).describe('Most connections at once. 0: any number.'),
    maxIdleConns: withoutEffect(z.int().nonnegative(), 'each pipeline uses one connection'),
    maxIdleConnsPerHost: withoutEffect(z.int().nonnegative(), 'each pipeline uses one connection'),
    readBufferSize: bufferSize(),
    writeBufferSize: bufferSize(),
    forceAttemptHttp2: withoutEffect(z.boolean(), http1),
    http2ReadIdleTimeout: withoutEffect(duration(), http1),
    http2PingTimeout: withoutEffect(duration(), http1),
    proxyUrl: unsupported('proxies'),
    auth: unsupported('authenticators'),
    middlewares: unsupported('middlewares'),
    cookies: unsupported('cookies'),
  })
  .refine((config) => config.endpoint ?? config.tracesEndpoint ?? config.logsEndpoint, {
    error: 'endpoint, traces_endpoint or logs_endpoint is required',
  })
  .refine(({ compression, compressionParams: { level = 1 } }) => compression !== 'gzip' || level <= 9, {
    error: 'gzip has levels up to 9',
    path: ['compressionParams', 'level'],
  })
  .describe('Sends traces and logs to any OTLP/HTTP backend, at least once.');

export type OtlpHttpConfig = z.output<typeof otlpHttpConfig>;
