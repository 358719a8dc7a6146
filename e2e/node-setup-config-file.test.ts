import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildOnce, repository } from './support/build.ts';
import { otlpSink } from './support/otlp-sink.ts';

const run = promisify(execFile);
const register = pathToFileURL(join(repository, 'packages', 'node', 'bin', 'register.cjs')).href;
const api = pathToFileURL(
  join(repository, 'node_modules', '@opentelemetry', 'api', 'build', 'src', 'index.js'),
).href;
const apiLogs = pathToFileURL(
  join(repository, 'node_modules', '@opentelemetry', 'api-logs', 'build', 'src', 'index.js'),
).href;

let folder: string;
let application: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'config-file-'));
  application = join(folder, 'app.mjs');
  writeFileSync(
    application,
    `
    import api from '${api}';
    import apiLogs from '${apiLogs}';
    const { context, propagation, trace } = api;
    const headers = {};
    trace.getTracer('app').startActiveSpan('work', { attributes: { long: 'x'.repeat(99) } }, (span) => {
      propagation.inject(context.active(), headers);
      apiLogs.logs.getLogger('app').emit({ body: 'said' });
      span.end();
    });
    console.log('result ' + JSON.stringify({ headers, name: process.env.OTEL_SERVICE_NAME }));
  `,
  );
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function sink(): ReturnType<typeof otlpSink> {
  const receiver = await otlpSink();
  closing.push(() => receiver.close());
  return receiver;
}

/** Runs the application with this file; resolves with what it wrote. */
async function withFile(yaml: string, env: Record<string, string> = {}) {
  const file = join(folder, 'otel.yaml');
  writeFileSync(file, yaml);
  const { stdout, stderr } = await run(process.execPath, ['--import', register, application], {
    env: { PATH: process.env['PATH'], OTEL_CONFIG_FILE: file, ...env },
  });
  const [, result = ''] = /^result (.*)$/m.exec(stdout) ?? [];
  const wrote = JSON.parse(result) as { headers: Record<string, string>; name?: string };
  return { ...wrote, stdout, warnings: stderr.replaceAll(file, 'otel.yaml') };
}

test('resource, propagators, sampler, limits and exporters are as the file says, and variables are not heard', async () => {
  const [first, second, logs, unheard] = [await sink(), await sink(), await sink(), await sink()];
  const url = (receiver: { environment: Record<string, string> }): string =>
    receiver.environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  const { headers, warnings, name } = await withFile(
    `
file_format: "1.0"
resource:
  attributes:
    - {name: service.name, value: "\${SHOP:-shop}"}
    - {name: replicas, value: 3, type: int}
  attributes_list: "service.name=lost,team=blue%20one"
  detection/development:
    attributes: {excluded: [process.command*]}
    detectors: [{process: }]
propagator:
  composite: [{tracecontext: }, {b3: }]
  composite_list: "b3,baggage"
tracer_provider:
  sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 1.0}}}}
  limits: {attribute_value_length_limit: 10}
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "${url(first)}/v1/traces", encoding: json, compression: gzip, headers: [{name: x-key, value: "a=b"}]}}}
    - simple: {exporter: {otlp_http: {endpoint: "${url(second)}/v1/traces", encoding: json}}}
logger_provider:
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "${url(logs)}/v1/logs", encoding: json}}}
`,
    {
      ...unheard.environment,
      OTEL_SERVICE_NAME: 'from-env',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_PROPAGATORS: 'none',
    },
  );
  expect(warnings).toBe('');
  expect(name).toBe('from-env');
  expect(Object.keys(headers)).toEqual(['traceparent', 'b3']);
  for (const receiver of [first, second]) {
    expect(receiver.all.spans).toMatchObject([
      { service: 'shop', name: 'work', attributes: { long: 'x'.repeat(10) } },
    ]);
  }
  expect(logs.all.logs).toMatchObject([{ service: 'shop', body: 'said' }]);
  expect([unheard.all, first.all.logs]).toEqual([{ spans: [], logs: [] }, []]);
});

test('headers go with each request, in protobuf too', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    request.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  const { warnings } = await withFile(
    `
file_format: "1.0-rc.1"
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http: {endpoint: "http://127.0.0.1:${port}/v1/traces", headers: [{name: x-key, value: "a=b c"}], headers_list: "x-key=no,x-list=d%2Ce"}
logger_provider:
  processors: [{batch: {exporter: {otlp_http: {endpoint: "http://127.0.0.1:${port}/v1/logs", headers_list: "x-key=logs"}}}}]
`,
    { OTEL_EXPORTER_OTLP_HEADERS: 'x-env=1' },
  );
  expect(warnings).toBe('');
  expect(seen.map((headers) => [headers['x-key'], headers['x-list'], headers['x-env']])).toEqual([
    ['a=b c', 'd,e', undefined],
    ['logs', undefined, undefined],
  ]);
});

test('a file gets requests as OTLP JSON, one in a line', async () => {
  const [spans, logs] = [join(folder, 'spans.jsonl'), join(folder, 'logs.jsonl')];
  const { stdout, warnings } = await withFile(`
file_format: "1.0"
resource: {attributes: [{name: service.name, value: shop}]}
tracer_provider:
  processors:
    - batch: {exporter: {otlp_file/development: {output_stream: "${pathToFileURL(spans).href}"}}}
    - simple: {exporter: {otlp_file/development: }}
logger_provider: {processors: [{batch: {exporter: {otlp_file/development: {output_stream: "${pathToFileURL(logs).href}"}}}}]}
`);
  const lines = (text: string): unknown[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{"resource'))
      .map((line) => JSON.parse(line) as unknown);
  const work = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'work' }] }] }] };
  expect(warnings).toBe('');
  expect(lines(readFileSync(spans, 'utf8'))).toMatchObject([work]);
  expect(lines(stdout)).toMatchObject([work]);
  expect(lines(readFileSync(logs, 'utf8'))).toMatchObject([
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'said' } }] }] }] },
  ]);
});

test('without a tracer provider nothing is traced, and contexts are passed on by the propagators alone', async () => {
  const { headers, warnings } = await withFile(
    'file_format: "1.0"\npropagator: {composite_list: "tracecontext"}\n',
  );
  expect(headers).toEqual({});
  expect(warnings).toBe('');
});

test('what is not supported is said, by its path, and the rest is in force', async () => {
  const { stdout, warnings } = await withFile(`
file_format: "1.0"
colour: red
meter_provider: {readers: [{periodic: {exporter: {console: }}}]}
propagator: {composite: [{pigeon: }, {tracecontext: }]}
tracer_provider:
  sampler: {parent_based: {root: {probability/development: {ratio: 1}}}}
  processors:
    - simple: {exporter: {zipkin: {endpoint: "http://localhost:9411"}}}
    - my_processor: {}
    - simple: {exporter: {console: }}
`);
  expect(stdout).toContain("name: 'work'");
  expect(warnings).toBe(`throughline: OTEL_CONFIG_FILE: colour, meter_provider is not supported and left out
throughline: OTEL_CONFIG_FILE: tracer_provider.processors.0.simple.exporter.zipkin is not supported and left out
throughline: OTEL_CONFIG_FILE: tracer_provider.processors.1.my_processor is not supported and left out
throughline: OTEL_CONFIG_FILE: propagator: pigeon is not known and left out
throughline: OTEL_CONFIG_FILE: tracer_provider.sampler.parent_based.root.probability/development is not supported and left out
`);
});

const broken: [what: string, yaml: string, said: string][] = [
  [
    'is not YAML',
    'file_format: "1.0"\na: [1\nb: 2\n',
    'otel.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'has a format that is not known',
    'file_format: "0.4"\n',
    'otel.yaml: Unsupported file_format: "0.4". This SDK supports schema version 1.x.',
  ],
  [
    'has a key that is not in the schema',
    'file_format: "1.0"\ntracer_provider: {processors: [{batch: {schedule_dely: 5, exporter: {console: }}}]}\n',
    'otel.yaml: /tracer_provider/processors/0/batch must NOT have additional properties',
  ],
  [
    'has a value of another type',
    'file_format: "1.0"\ntracer_provider: {processors: 5}\n',
    'otel.yaml: /tracer_provider/processors must be array',
  ],
];
test.each(broken)(
  'a file that %s is said in one line with its place, and the service runs untraced',
  async (_what, yaml, said) => {
    const { headers, warnings } = await withFile(yaml);
    expect(warnings).toBe(`throughline: OTEL_CONFIG_FILE: ${said}; nothing is traced\n`);
    expect(headers).toEqual({});
  },
);

test('a file that is not there is said, and the service runs untraced', async () => {
  const { warnings } = await withFile('', { OTEL_CONFIG_FILE: join(folder, 'missing.yaml') });
  expect(warnings).toBe(
    `throughline: OTEL_CONFIG_FILE: ${join(folder, 'missing.yaml')} cannot be read: ENOENT; nothing is traced\n`,
  );
});
