import { byteSize, cors, duration, listenEndpoint, serverTls } from '@throughline/pipeline';
import { z } from 'zod';
import { contentCodings } from '../../net/compression.ts';
import { responseHeaders } from '../../response-headers.ts';
import { unsupported, withoutEffect } from '../../unsupported.ts';

const listener = {
  transport: z
    .enum(['tcp', 'tcp4', 'tcp6'])
    .default('tcp')
    .describe('`tcp4` or `tcp6` listen with that version of IP only.'),
  tls: serverTls().optional(),
  includeMetadata: withoutEffect(z.boolean(), 'no component looks at the headers of a request'),
  dialer: withoutEffect(
    z.looseObject({}),
    'the Collector shares the key with its clients; a server dials nobody',
  ),
  auth: unsupported('authenticators'),
  middlewares: unsupported('middlewares'),
};

const grpc = z
  .strictObject({
    endpoint: listenEndpoint('127.0.0.1:4317').describe('Where OTLP/gRPC is received.'),
    ...listener,
    maxRecvMsgSizeMib: z
      .int()
      .positive()
      .max(2047)
      .default(4)
      .describe(
        'Largest message in MiB, as sent and after decompression; a larger one gets RESOURCE_EXHAUSTED.',
      ),
    maxConcurrentStreams: z
      .int()
      .positive()
      .max(0xffff_ffff)
      .optional()
      .describe('How many calls one connection may have under way. Default: any number.'),
    readBufferSize: withoutEffect(z.int().nonnegative(), 'the runtime sizes its buffers itself'),
    writeBufferSize: withoutEffect(z.int().nonnegative(), 'the runtime sizes its buffers itself'),
    keepalive: z
      .strictObject({
        serverParameters: z
          .strictObject({
            maxConnectionIdle: duration()
              .prefault('0s')
              .describe('Close a connection that has had no call for this long. `0s`: never.'),
            maxConnectionAge: duration()
              .prefault('0s')
              .describe('Ask a client to connect anew after this long, give or take a tenth. `0s`: never.'),
            maxConnectionAgeGrace: duration()
              .prefault('0s')
              .describe('Cut the connection off this long after that. `0s`: wait for its calls to end.'),
            time: duration()
              .prefault('5m')
              .describe(
                "Ping a client this often; one that is gone without a word is found out. `0s`: never. (The Collector's default is 2h.)",
              ),
            timeout: duration()
              .prefault('20s')
              .describe('Cut off a client that has not answered a ping for this long.'),
          })
          .prefault({})
          .describe('What this side does.'),
        enforcementPolicy: z
          .strictObject({
            minTime: duration()
              .prefault('0s')
              .describe(
                "Cut off a client that pings more often than this. `0s`: let it ping. (The Collector's default is 5m.)",
              ),
            permitWithoutStream: z
              .boolean()
              .default(false)
              .describe(
                'Whether a client may ping at that rate without a call, and not only once in two hours.',
              ),
          })
          .prefault({})
          .describe('What a client may do.'),
      })
      .prefault({})
      .describe('How long connections live, and how they are known to be alive.'),
  })
  .describe('OTLP over gRPC. `grpc:` without a value takes the defaults.');

const path = (standard: string, what: string) =>
  z
    .string()
    .min(1)
    .default(standard)
    .overwrite((written) => (written.startsWith('/') ? written : `/${written}`))
    .describe(`Path to which ${what} are posted.`);

const http = z
  .strictObject({
    endpoint: listenEndpoint('127.0.0.1:4318').describe('Where OTLP/HTTP is received.'),
    ...listener,
    cors: cors().optional(),
    maxRequestBodySize: byteSize()
      .prefault('20MiB')
      .describe('Largest body, as sent and after decompression; a larger one gets 413.'),
    compressionAlgorithms: z
      .array(z.enum(['', ...contentCodings]))
      .default(['', ...contentCodings])
      .describe('The values of `Content-Encoding` that are understood. The empty one stands for none.'),
    responseHeaders: responseHeaders(),
    tracesUrlPath: path('/v1/traces', 'traces'),
    logsUrlPath: path('/v1/logs', 'logs'),
    metricsUrlPath: withoutEffect(z.string(), 'metrics are not received, every path for them answers 404'),
    readTimeout: duration()
      .prefault('0s')
      .describe(
        'Longest time for one whole request. `0s`: as long as it goes on; one that stalls for a minute is cut.',
      ),
    readHeaderTimeout: duration().prefault('1m').describe('Longest time for the headers of one request.'),
    writeTimeout: withoutEffect(duration(), 'answers are a few bytes long'),
    idleTimeout: duration()
      .prefault('0s')
      .describe('Close a connection that has had no request for this long. `0s`: never.'),
    keepAlivesEnabled: z.boolean().default(true).describe('Whether a connection may carry a second request.'),
  })
  .describe('OTLP over HTTP, as protobuf and as JSON. `http:` without a value takes the defaults.');

/** The Collector's configuration of its OTLP receiver, for traces and logs. */
export const otlpConfig = z
  .strictObject({
    protocols: z
      .strictObject({ grpc: grpc.optional(), http: http.optional() })
      .refine(({ grpc, http }) => grpc ?? http, { error: 'must have grpc, http or both' })
      .describe('What is spoken; at least one of them.'),
  })
  .describe(
    'Receives traces and logs over OTLP 1.x. Metrics and profiles are answered as by a Collector without pipelines for them.',
  );

export type OtlpConfig = z.output<typeof otlpConfig>;
export type GrpcConfig = z.output<typeof grpc>;
export type HttpConfig = z.output<typeof http>;
