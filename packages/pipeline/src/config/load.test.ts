import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineExporter, defineExtension, defineProcessor, defineReceiver } from '../component.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { httpUrl, listenEndpoint } from './endpoint.ts';
import { loadConfig } from './load.ts';
import { printConfig } from './print.ts';
import { ConfigError, formatProblem } from './problems.ts';
import { createRegistry } from './registry.ts';
import { headers, secret, withoutPassword } from './secret.ts';
import { metricsEndpoint } from './service.ts';
import { retryOnFailure } from './sending.ts';

const idle = { start: async () => {}, stop: async () => {} };

const registry = createRegistry([
  defineReceiver({
    type: 'in',
    aliases: ['inlet'],
    signals: ['traces', 'logs'],
    config: z.strictObject({
      protocols: z
        .strictObject({
          grpc: z
            .strictObject({ endpoint: listenEndpoint('127.0.0.1:4317'), maxAge: z.int().default(7) })
            .optional(),
          http: z.strictObject({ endpoint: listenEndpoint('127.0.0.1:4318') }).optional(),
        })
        .refine(({ grpc, http }) => grpc ?? http, { error: 'at least one protocol is needed' }),
    }),
    create: () => idle,
  }),
  defineProcessor({
    type: 'change',
    signals: ['traces'],
    config: z.strictObject({ rules: z.array(z.strictObject({ dropIt: z.boolean() })).default([]) }),
    create: () => ({ ...idle, consume: async () => {} }),
  }),
  defineExporter({
    type: 'out',
    signals: ['traces', 'logs'],
    config: z.strictObject({
      token: secret().optional(),
      url: httpUrl().optional(),
      name: z.string().default('it'),
      count: z.int().optional(),
      headers: headers(),
      timeout: duration().prefault('5s'),
      bufferSize: byteSize().prefault('1MiB'),
      retryOnFailure: retryOnFailure(),
    }),
    create: () => ({ ...idle, delivery: { maxBytes: 1, maxDelayMs: 0 }, deliver: async () => {} }),
  }),
  defineExtension({
    type: 'health',
    config: z.strictObject({ endpoint: listenEndpoint('127.0.0.1:13133') }),
    create: () => idle,
  }),
]);

const load = (text: string, env: Record<string, string> = {}, listenHost?: string) =>
  loadConfig(text, { file: 'c.yaml', registry, env: (name) => env[name], listenHost });

/** A whole file around these lines of the exporter. */
const exporterOf = (lines: string, env: Record<string, string> = {}) => {
  const config = load(
    `receivers: {in: {protocols: {grpc: }}}
exporters:
  out:${lines}
service: {pipelines: {traces: {receivers: [in], exporters: [out]}}}`,
    env,
  );
  return config.components.exporters.get('out')?.config as Record<string, unknown>;
};

const problemsOf = (text: string, env: Record<string, string> = {}): string[] => {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
};

test('sections without a value take their defaults, in the schema’s spelling', () => {
  const config = load(`
receivers:
  inlet/a:
    protocols:
      grpc:
        max_age: 9
exporters:
  out:
extensions:
  health:
service:
  extensions: [health]
  pipelines:
    traces/eu:
      receivers: [inlet/a]
      exporters: [out]
`);
  expect(config.components.receivers.get('inlet/a')?.definition.type).toBe('in');
  expect(config.components.receivers.get('inlet/a')?.config).toEqual({
    protocols: { grpc: { endpoint: { host: '127.0.0.1', port: 4317 }, maxAge: 9 } },
  });
  expect(config.components.exporters.get('out')?.config).toMatchObject({
    name: 'it',
    timeout: 5000,
    bufferSize: 2 ** 20,
    retryOnFailure: { enabled: true, maxInterval: 30_000 },
  });
  expect(config.pipelines).toEqual([
    { id: 'traces/eu', signal: 'traces', receivers: ['inlet/a'], processors: [], exporters: ['out'] },
  ]);
  expect(config.service.journal.maxSize).toBe(10 * 2 ** 30);
});

test('everything that is wrong is told at once, by path and place', () => {
  expect(
    problemsOf(`receivers:
  in:
    protocols:
      grpc:
        endpoint: 4317
        maxAge: 3
      smoke_signals:
  kafka:
  in/:
processors:
  change:
    rules:
      - drop_it: perhaps
      - {}
exporters:
  out:
    timeout: soon
    headers: {X-Key: 5}
    retry_on_failure:
      max_elapsed_time: 1s
connectors:
  count:
colour: blue
service:
  extensions: [health]
  telemetry:
    metrics: {level: loud}
    traces: {}
  pipelines:
    logs:
      receivers: [in, missing]
      processors: [change, change]
    metrics:
      receivers: [in]
      exporters: [out]
    noise: {}
`),
  ).toMatchInlineSnapshot(`
    [
      "c.yaml:5:9: receivers.in.protocols.grpc.endpoint: invalid input: expected string, received number",
      "c.yaml:6:9: receivers.in.protocols.grpc.maxAge: unknown key; known are endpoint, max_age",
      "c.yaml:7:7: receivers.in.protocols.smoke_signals: unknown key; known are grpc, http",
      "c.yaml:8:3: receivers.kafka: unknown receiver kafka; known are in",
      "c.yaml:9:3: receivers.in/: is not a name: expected type or type/name",
      "c.yaml:13:9: processors.change.rules[0].drop_it: invalid input: expected boolean, received string",
      "c.yaml:14:9: processors.change.rules[1].drop_it: is required",
      "c.yaml:17:5: exporters.out.timeout: expected a duration such as 200ms, 5s or 1m30s, got "soon"",
      "c.yaml:18:15: exporters.out.headers.X-Key: invalid input: expected string, received number",
      "c.yaml:20:7: exporters.out.retry_on_failure.max_elapsed_time: must not be less than max_interval",
      "c.yaml:21:1: connectors: connectors are not supported",
      "c.yaml:23:1: colour: unknown section; known are receivers, processors, exporters, extensions, service",
      "c.yaml:25:16: service.extensions[0]: no extension is called health",
      "c.yaml:27:15: service.telemetry.metrics.level: invalid option: expected one of "none"|"basic"|"normal"|"detailed"",
      "c.yaml:28:5: service.telemetry.traces: unknown key; known are logs, metrics",
      "c.yaml:30:5: service.pipelines.logs.exporters: at least one exporter is needed",
      "c.yaml:31:23: service.pipelines.logs.receivers[1]: no receiver is called missing",
      "c.yaml:32:20: service.pipelines.logs.processors[0]: the processor change does not carry logs, only traces",
      "c.yaml:32:28: service.pipelines.logs.processors[1]: the processor change does not carry logs, only traces",
      "c.yaml:32:28: service.pipelines.logs.processors[1]: change is named twice",
      "c.yaml:33:5: service.pipelines.metrics: metrics pipelines are not supported: this program carries traces and logs",
      "c.yaml:36:5: service.pipelines.noise: is not a pipeline: expected traces or logs, with a name after a slash where there are several",
      "c.yaml:36:5: service.pipelines.noise.receivers: at least one receiver is needed",
      "c.yaml:36:5: service.pipelines.noise.exporters: at least one exporter is needed",
    ]
  `);
});

test('a component in a pipeline of a signal that it does not carry is refused', () => {
  expect(
    problemsOf(`receivers: {in: {protocols: {grpc: }}}
processors: {change: }
exporters: {out: }
service: {pipelines: {logs: {receivers: [in], processors: [change], exporters: [out]}}}`),
  ).toEqual([
    'c.yaml:4:60: service.pipelines.logs.processors[0]: the processor change does not carry logs, only traces',
  ]);
});

test('a file that is not YAML is refused at the place where it stops being YAML', () => {
  expect(problemsOf('receivers:\n  in: [}\n')).toMatchInlineSnapshot(`
    [
      "c.yaml:2:8: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ]
  `);
  expect(problemsOf('')).toMatchInlineSnapshot(`
    [
      "c.yaml:1:1: expected the sections receivers, processors, exporters, extensions and service",
      "c.yaml:1:1: service.pipelines: at least one pipeline is needed",
    ]
  `);
});

test('a variable that is the whole value has the type that its text has in YAML', () => {
  const env = { N: '5', NAME: '0123', WAIT: '3s', HEADERS: '{a: "1"}' };
  expect(
    exporterOf(
      ' {count: "${env:N}", name: "${NAME}", timeout: "${env:WAIT}", headers: "${env:HEADERS}"}',
      env,
    ),
  ).toMatchObject({
    count: 5,
    name: '0123',
    timeout: 3000,
    headers: { a: '1' },
  });
});

test('a variable inside other text is text', () => {
  expect(exporterOf(' {name: "${env:A}-${env:B}/$$x"}', { A: 'one', B: '2' })['name']).toBe('one-2/$x');
  expect(exporterOf(' {name: "$${env:A} ${env:${env:B}}"}', { A: 'one', B: 'A' })['name']).toBe(
    '${env:A} one',
  );
});

test('the default of a variable counts where it is not set', () => {
  expect(exporterOf(' {name: "${env:A:-x:-y}", count: "${env:B:-7}"}', { B: '8' })).toMatchObject({
    name: 'x:-y',
    count: 8,
  });
});

test('a variable without value and default stands for nothing and is warned of', () => {
  const text = `receivers: {in: {protocols: {grpc: }}}
exporters: {out: {name: "\${env:NONE}"}, out/spare: }
service: {pipelines: {traces: {receivers: [in], exporters: [out]}}}`;
  const { warnings, components } = load(text);
  expect(components.exporters.get('out')?.config).toMatchObject({ name: '' });
  expect(warnings.map((warning) => formatProblem('c.yaml', warning))).toEqual([
    'c.yaml:2:19: exporters.out.name: environment variable NONE is not set',
    'c.yaml:2:41: exporters.out/spare: is defined and not used',
  ]);
});

test('references to anything but the environment are refused', () => {
  expect(
    problemsOf(
      `receivers: {in: {protocols: {grpc: }}}
exporters: {out: {name: "\${file:x}", token: "\${1A}", headers: {a: "\${LOOP}"}}}
service: {pipelines: {traces: {receivers: [in], exporters: [out]}}}`,
      { LOOP: '${LOOP}' },
    ),
  ).toMatchInlineSnapshot(`
    [
      "c.yaml:2:19: exporters.out.name: \${file:x}: only environment variables can be referred to, as \${env:NAME} or \${env:NAME:-default}",
      "c.yaml:2:38: exporters.out.token: \${1A}: "1A" is not a name for an environment variable",
      "c.yaml:2:64: exporters.out.headers.a: the variables in \${LOOP} refer to each other without end",
    ]
  `);
});

test('the listening host replaces loopback where the file says nothing', () => {
  const config = load(
    `receivers: {in: {protocols: {grpc: , http: {endpoint: "127.0.0.1:9"}}}}
exporters: {out: }
extensions: {health: }
service: {extensions: [health], pipelines: {traces: {receivers: [in], exporters: [out]}}}`,
    {},
    '::',
  );
  expect(config.components.receivers.get('in')?.config).toMatchObject({
    protocols: {
      grpc: { endpoint: { host: '::', port: 4317 } },
      http: { endpoint: { host: '127.0.0.1', port: 9 } },
    },
  });
  expect(config.components.extensions.get('health')?.config).toEqual({
    endpoint: { host: '::', port: 13133 },
  });
  expect(metricsEndpoint(config.service.telemetry)).toEqual({ host: '::', port: 8888 });
});

test('metrics are served where the file says, in the older form and in the newer, or nowhere', () => {
  const endpoint = (metrics: string) =>
    metricsEndpoint(
      load(`receivers: {in: {protocols: {grpc: }}}
exporters: {out: }
service: {telemetry: {metrics: ${metrics}}, pipelines: {traces: {receivers: [in], exporters: [out]}}}`)
        .service.telemetry,
    );
  const reader = '{readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 9999}}}}]}';
  expect([reader, '{address: "127.0.0.1:1"}', '{level: none}', '{level: detailed}'].map(endpoint)).toEqual([
    { host: '0.0.0.0', port: 9999 },
    { host: '127.0.0.1', port: 1 },
    undefined,
    { host: '127.0.0.1', port: 8888 },
  ]);
});

test('anchors and merge keys work as in the Collector', () => {
  expect(
    load(`
receivers: {in: {protocols: {grpc: }}}
exporters:
  out: &one {name: first, count: 1}
  out/b: {<<: *one, count: 2}
service: {pipelines: {traces: {receivers: [in], exporters: [out, out/b]}}}`).components.exporters.get('out/b')
      ?.config,
  ).toMatchObject({ name: 'first', count: 2 });
});

test('of a URL the printed configuration hides the password alone, and is valid', () => {
  const config = (url: string) =>
    `{receivers: {in: {protocols: {grpc: }}}, exporters: {out: {url: "${url}"}}, service: {pipelines: {traces: {receivers: [in], exporters: [out]}}}}`;
  for (const [url, shown] of [
    ['https://user:hush@host:4318/a@b', 'https://user:[REDACTED]@host:4318/a@b'],
    ['http://user:hu@sh:@host', 'http://user:[REDACTED]@host'],
    ['http://hush@host', 'http://[REDACTED]@host'],
    ['http://host/a:b@c', 'http://host/a:b@c'],
  ] as const) {
    const printed = printConfig(load(config(url)));
    expect(printed).toContain(`url: ${shown}\n`);
    expect(printConfig(load(printed))).toBe(printed);
    expect(withoutPassword(url)).toBe(shown);
  }
});

test('the printed configuration has every default, no secret, and reads back as the same', () => {
  const text = `receivers: {in: {protocols: {grpc: {max_age: 1}}}}
exporters: {out: {token: hush, headers: {X-Api-Key: hush}, timeout: 90s}}
service: {pipelines: {traces: {receivers: [in], exporters: [out]}}}`;
  const printed = printConfig(load(text));
  expect(printed).toMatchInlineSnapshot(`
    "receivers:
      in:
        protocols:
          grpc:
            endpoint: 127.0.0.1:4317
            max_age: 1
    exporters:
      out:
        token: "[REDACTED]"
        name: it
        headers:
          X-Api-Key: "[REDACTED]"
        timeout: 1m30s
        buffer_size: 1MiB
        retry_on_failure:
          enabled: true
          initial_interval: 1s
          randomization_factor: 0.5
          multiplier: 1.5
          max_interval: 30s
          max_elapsed_time: 0s
    service:
      extensions: []
      pipelines:
        traces:
          receivers:
            - in
          processors: []
          exporters:
            - out
      telemetry:
        logs:
          level: info
        metrics:
          level: normal
          readers:
            - pull:
                exporter:
                  prometheus:
                    host: 127.0.0.1
                    port: 8888
      journal:
        max_size: 10GiB
        min_free_space: 1GiB
    "
  `);
  expect(printConfig(load(printed))).toBe(printed);
});
