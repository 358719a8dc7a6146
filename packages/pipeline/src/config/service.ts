import { z } from 'zod';
import { byteSize } from './byte-size.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
const levelsWritten = [...levels, 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

const level = z.codec(z.enum(levelsWritten), z.enum(levels), {
  decode: (text) => text.toLowerCase() as (typeof levels)[number],
  encode: (lower) => lower,
});

const logs = z
  .strictObject({
    level: level.prefault('info').describe('The least serious events that are logged.'),
    encoding: z
      .enum(['console', 'json'])
      .optional()
      .describe('Lines for people or for programs. Default: `console` on a terminal, otherwise `json`.'),
  })
  .prefault({})
  .describe("The program's own log, on standard error.");

const metricsHost = '127.0.0.1';
const metricsPort = 8888;

const prometheus = z
  .strictObject({
    host: z.string().min(1).default(metricsHost).describe('Interface to listen on.'),
    port: z.int().min(0).max(65_535).default(metricsPort).describe('Port to listen on; 0 takes a free one.'),
    withoutScopeInfo: z.literal(true).optional().describe('As it is here anyway.'),
    withoutUnits: z.literal(true).optional().describe('As it is here anyway.'),
    withoutTypeSuffix: z.literal(true).optional().describe('As it is here anyway.'),
  })
  .prefault({})
  .describe('Prometheus text at `/metrics`.');

const reader = z.strictObject({
  pull: z
    .strictObject({
      exporter: z.strictObject({ prometheus }).describe('How it is read.'),
    })
    .describe('Metrics that are fetched from here.'),
});

const metrics = z
  .strictObject({
    level: z
      .enum(['none', 'basic', 'normal', 'detailed'])
      .default('normal')
      .describe('`none` serves no metrics; the others all serve the same.'),
    address: z
      .string()
      .refine((text) => parseEndpoint(text) !== undefined, {
        error: 'expected host:port such as 127.0.0.1:8888',
      })
      .optional()
      .describe('Older form of `readers`: host:port on which metrics are served.'),
    readers: z
      .array(reader)
      .min(1)
      .max(1, { error: 'one reader is supported' })
      .optional()
      .describe('Where metrics are served. Default: Prometheus text on 127.0.0.1:8888.'),
  })
  .refine((config) => config.address === undefined || config.readers === undefined, {
    error: 'give address or readers, not both',
    path: ['address'],
  })
  .prefault({})
  .describe("The program's own metrics.");

const journal = z
  .strictObject({
    maxSize: byteSize()
      .refine((bytes) => bytes >= 2 ** 20, { error: 'must be at least 1MiB' })
      .prefault('10GiB')
      .describe(
        'Disk space for data that is acknowledged and not yet delivered, shared evenly by the pipelines. When it is used up senders are asked to come back later.',
      ),
    minFreeSpace: byteSize()
      .prefault('1GiB')
      .describe('Space to leave free on the disk: below it senders are asked to come back later.'),
  })
  .prefault({})
  .describe('The log on disk that stands between receiving and exporting.');

const componentIds = z.array(z.string());

export const serviceSchema = z.strictObject({
  extensions: componentIds.default([]).describe('Extensions to run, in the order in which they start.'),
  pipelines: z
    .record(
      z.string(),
      z.strictObject({
        receivers: componentIds.default([]).describe('Where its data comes from; at least one.'),
        processors: componentIds.default([]).describe('What is done to it, in order.'),
        exporters: componentIds.default([]).describe('Where it goes; at least one. Each gets all of it.'),
      }),
    )
    .default({})
    .describe(
      'By signal, `traces` or `logs`, with a name after a slash where there are several: `traces/eu`.',
    ),
  telemetry: z.strictObject({ logs, metrics }).prefault({}).describe('What the program says about itself.'),
  journal,
});

export type Service = z.output<typeof serviceSchema>;
export type LogLevel = (typeof levels)[number];

/** The service with the standard reader where the file names none; `listenHost` stands for loopback in it. */
export function withMetricsReader(service: Service, listenHost: string | undefined): Service {
  const { telemetry } = service;
  const { metrics } = telemetry;
  if (metrics.level === 'none' || metrics.address !== undefined || metrics.readers) return service;
  const standard = {
    pull: { exporter: { prometheus: { host: listenHost ?? metricsHost, port: metricsPort } } },
  };
  return { ...service, telemetry: { ...telemetry, metrics: { ...metrics, readers: [standard] } } };
}

/** Where metrics are to be served; undefined: nowhere. */
export function metricsEndpoint({ metrics }: Service['telemetry']): Endpoint | undefined {
  if (metrics.level === 'none') return undefined;
  return metrics.address === undefined
    ? metrics.readers?.[0]?.pull.exporter.prometheus
    : parseEndpoint(metrics.address);
}
