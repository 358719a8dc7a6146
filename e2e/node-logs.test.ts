import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherNode } from './support/another-node.ts';
import { buildOnce, repository } from './support/build.ts';
import { otlpSink } from './support/otlp-sink.ts';
import { skipHere } from './support/skip-here.ts';
import { type Received, spanNamed } from './support/telemetry-receiver.ts';

const ofPackage = join(repository, 'packages', 'node');
const register = pathToFileURL(join(ofPackage, 'bin', 'register.cjs')).href;
const index = pathToFileURL(join(ofPackage, 'dist', 'node.cjs')).href;
const applications = join(repository, 'e2e', 'node-applications');
const nodes = [
  { version: process.versions.node, path: process.execPath, missing: undefined },
  { version: '24', ...(await anotherNode(24)) },
];
let folder: string;

beforeAll(async () => {
  await buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'node-logs-'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Line = Record<string, unknown>;

/** What an application wrote, as it is and parsed, and what arrived of it. */
interface Run extends Received {
  text: string[];
  lines: Line[];
}

async function run(file: string, env: Record<string, string> = {}, node = process.execPath): Promise<Run> {
  const sink = await otlpSink();
  const { stdout, stderr } = await promisify(execFile)(node, ['--import', register, file], {
    env: { PATH: process.env['PATH'], ...sink.environment, OTEL_SERVICE_NAME: 'shop', ...env },
    timeout: 20_000,
  });
  await sink.close();
  const text = (stdout + stderr).split('\n').filter(Boolean);
  const lines = text.flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
  return { ...sink.all, text, lines };
}

function script(text: string): string {
  const file = join(folder, 'app.mjs');
  writeFileSync(file, `import { trace } from '@opentelemetry/api';\n${text}`);
  return file;
}

const messageOf = (line: Line): unknown => line['msg'] ?? line['message'];

describe.each(nodes)('loggers on Node $version', ({ path, missing }) => {
  test.for(['log-default-imports.mjs', 'log-named-imports.mjs', 'log-requires.cjs'])(
    'tie their lines to the span that these are written in, and send them: %s',
    async (file, context) => {
      if (!path) return skipHere(context, missing);
      const { lines, spans, logs } = await run(join(applications, file), {}, path);
      for (const logger of ['pino', 'winston', 'console']) {
        const { traceId, spanId, start, end } = spanNamed(spans, logger);
        const [outside, inside] = ['outside', 'inside'].map((where) =>
          lines.filter((line) => messageOf(line) === `${logger} ${where}`),
        );
        expect(inside).toEqual([
          expect.objectContaining({
            trace_id: traceId,
            span_id: spanId,
            trace_flags: expect.stringMatching(/^0\d$/),
          }),
        ]);
        expect(outside).toHaveLength(1);
        expect(Object.keys(outside?.[0] ?? {}).filter((key) => /trace|span/.test(key))).toEqual([]);
        const sent = logs.filter(({ body }) => body.startsWith(logger));
        expect(sent).toEqual([
          expect.objectContaining({ body: `${logger} outside`, traceId: '', spanId: '', severity: 13 }),
          expect.objectContaining({ body: `${logger} inside`, traceId, spanId, severity: 13 }),
        ]);
        expect(sent[1] && sent[1].time >= start && sent[1].time <= end).toBe(true);
        for (const { service, attributes } of sent) {
          expect([service, attributes['sku']]).toEqual(['shop', 'a-1']);
          expect(Object.keys(attributes).filter((key) => /trace|span/.test(key))).toEqual([]);
        }
      }
    },
  );
});

test('a line of the console keeps its text; what is no JSON object is left alone', async () => {
  const { text, spans } = await run(join(applications, 'log-requires.cjs'));
  const { traceId, spanId } = spanNamed(spans, 'other lines');
  const fields = expect.stringMatching(
    new RegExp(`^\\{"trace_id":"${traceId}","span_id":"${spanId}","trace_flags":"0[13]"\\}$`),
  );
  const at = text.findIndex((line) => line.includes('spaced'));
  expect(text[at]).toMatch(new RegExp(`^\\{"message": "spaced" ,"trace_id":"${traceId}",.*\\}$`));
  expect(text.slice(at + 1, at + 6)).toEqual([
    fields,
    '{"message":"own","trace_id":"of its own"}',
    "plain { message: 'two arguments' }",
    '[1]',
    '{not JSON}',
  ]);
});

const inConsole = `trace.getTracer('a').startActiveSpan('s', (span) => {
  console.error('{"level":"fatal","time":1577934245678,"msg":"the disk is full"}');
  span.end();
});`;

test('a line of the console is sent with its own level and time', async () => {
  const { logs } = await run(script(inConsole));
  expect(logs).toEqual([
    expect.objectContaining({ body: 'the disk is full', severity: 21, time: 1577934245678000000n }),
  ]);
});

test('THROUGHLINE_CONSOLE_JSON=fields sends no line of the console, off leaves the console alone', async () => {
  const fields = await run(script(inConsole), { THROUGHLINE_CONSOLE_JSON: 'fields' });
  expect([fields.logs, Object.keys(fields.lines[0] ?? {})]).toEqual([
    [],
    ['level', 'time', 'msg', 'trace_id', 'span_id', 'trace_flags'],
  ]);
  const off = await run(script(inConsole), { THROUGHLINE_CONSOLE_JSON: 'off' });
  expect([off.logs, Object.keys(off.lines[0] ?? {})]).toEqual([[], ['level', 'time', 'msg']]);
});

test('OTEL_LOGS_EXPORTER=none ties lines to spans and sends none', async () => {
  const { lines, logs } = await run(join(applications, 'log-requires.cjs'), { OTEL_LOGS_EXPORTER: 'none' });
  expect(logs).toEqual([]);
  expect(lines.filter((line) => /inside/.test(String(messageOf(line))) && line['span_id'])).toHaveLength(3);
});

test('a logger that sends its lines itself does not have them sent twice', async () => {
  const app = `
    import { otlpLogStream, traceFields } from '${index}';
    import pino from 'pino';
    const streams = pino.multistream([{ stream: process.stdout }, { stream: otlpLogStream() }]);
    const log = pino({ mixin: traceFields }, streams);
    const second = pino(otlpLogStream());
    const third = pino();
    trace.getTracer('a').startActiveSpan('s', (span) => {
      log.info('first');
      second.info('second');
      third.info('third');
      span.end();
    });`;
  const { logs, text, spans } = await run(script(app));
  expect(logs.map(({ body }) => body).sort()).toEqual(['first', 'second', 'third']);
  expect(new Set(logs.map(({ spanId }) => spanId))).toEqual(new Set([spanNamed(spans, 's').spanId]));
  expect(text[0]?.match(/trace_id/g)).toHaveLength(1);
});

test('loggers of the same options send each line once', async () => {
  const app = `
    import winston from 'winston';
    const options = { transports: [new winston.transports.Console()] };
    const [first, second] = [winston.createLogger(options), winston.createLogger(options)];
    const third = winston.createLogger({ transports: new winston.transports.Console() });
    first.info('first');
    second.info('second');
    third.info('third');
    winston.configure(options);
    winston.info('fourth');`;
  const { logs, lines } = await run(script(app));
  expect(logs.map(({ body }) => body)).toEqual(['first', 'second', 'third', 'fourth']);
  expect(lines.map(messageOf)).toEqual(['first', 'second', 'third', 'fourth']);
});

test('disabled by name, loggers are left alone', async () => {
  const { lines, logs } = await run(join(applications, 'log-requires.cjs'), {
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino,winston',
    THROUGHLINE_CONSOLE_JSON: 'off',
  });
  expect([logs, lines.filter((line) => 'span_id' in line)]).toEqual([[], []]);
});
