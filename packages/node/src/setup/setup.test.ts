import { ROOT_CONTEXT, type TextMapGetter, propagation, trace } from '@opentelemetry/api';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { waitingFromEnv } from '../export/from-env.ts';
import { SpanTally } from '../export/span-counts.ts';
import { spanProcessorsFromEnv } from '../export/span-processors.ts';
import { ExportWatch } from '../export/watch.ts';
import { configInForce } from './config-in-force.ts';
import { exporterNames, logExportersFromEnv } from './exporters.ts';
import { batchFromEnv, spanLimitsFromEnv } from './limits.ts';
import { propagatorFromEnv } from './propagator.ts';
import { describeProcess, ofPackage } from './resource.ts';
import { samplerFromEnv } from './sampler.ts';
import { networkPhasesFromEnv } from './settings.ts';

let warnings: string;

beforeEach(() => {
  warnings = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    warnings += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('the sampler', () => {
  const sampled: [name: string | undefined, description: string][] = [
    [
      undefined,
      'ParentBased{root=AlwaysOnSampler, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}',
    ],
    ['always_on', 'AlwaysOnSampler'],
    ['always_off', 'AlwaysOffSampler'],
    ['traceidratio', 'TraceIdRatioBased{0.25}'],
    [
      'parentbased_traceidratio',
      'ParentBased{root=TraceIdRatioBased{0.25}, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}',
    ],
  ];
  for (const [name, description] of sampled) {
    test(`is the one named ${name ?? 'by default'}`, () => {
      vi.stubEnv('OTEL_TRACES_SAMPLER', name);
      vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', '0.25');
      expect(samplerFromEnv('shop').toString()).toBe(description);
      expect(warnings).toBe('');
    });
  }

  test('records everything, and says so, where its name or its ratio is unknown', () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'sometimes');
    expect(samplerFromEnv('shop').toString()).toContain('root=AlwaysOnSampler');
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'traceidratio');
    vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', '25');
    expect(samplerFromEnv('shop').toString()).toBe('TraceIdRatioBased{1}');
    expect(warnings)
      .toBe(`throughline: OTEL_TRACES_SAMPLER=sometimes is not known; parentbased_always_on is used
throughline: OTEL_TRACES_SAMPLER_ARG=25 is not a number from 0 to 1; every trace is recorded
`);
  });
});

describe('the propagators', () => {
  const headers = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    baggage: 'user=ann',
  };
  const getter: TextMapGetter<Record<string, string>> = {
    get: (carrier, key) => carrier[key],
    keys: (carrier) => Object.keys(carrier),
  };
  const extracted: [names: string | undefined, traceId: string | undefined, user: string | undefined][] = [
    [undefined, '0af7651916cd43dd8448eb211c80319c', 'ann'],
    ['tracecontext', '0af7651916cd43dd8448eb211c80319c', undefined],
    ['baggage', undefined, 'ann'],
    ['none', undefined, undefined],
  ];
  for (const [names, traceId, user] of extracted) {
    test(`are those named ${names ?? 'by default'}`, () => {
      vi.stubEnv('OTEL_PROPAGATORS', names);
      const context = propagatorFromEnv().extract(ROOT_CONTEXT, headers, getter);
      expect(trace.getSpanContext(context)?.traceId).toBe(traceId);
      expect(propagation.getBaggage(context)?.getEntry('user')?.value).toBe(user);
    });
  }

  test('leave out what is unknown, and say so', () => {
    vi.stubEnv('OTEL_PROPAGATORS', 'tracecontext,pigeon');
    expect(propagatorFromEnv().fields()).toEqual(['traceparent', 'tracestate']);
    expect(warnings).toBe('throughline: OTEL_PROPAGATORS: pigeon is not known and left out\n');
  });
});

describe('the exporters', () => {
  const processors = () => spanProcessorsFromEnv(new SpanTally(), new ExportWatch());

  test('are those named', () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'otlp,console');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    expect(processors().map((each) => each.constructor.name)).toEqual([
      'OtlpSpanProcessor',
      'BatchSpanProcessor',
    ]);
    expect(logExportersFromEnv()).toEqual([]);
  });

  test('come with the package; spans need none', () => {
    const { dependencies } = createRequire(import.meta.url)('../../package.json') as {
      dependencies: Record<string, string>;
    };
    for (const protocol of ['proto', 'http', 'grpc'])
      expect(dependencies).toHaveProperty([`@opentelemetry/exporter-logs-otlp-${protocol}`]);
  });

  test('leave out what is unknown, and say so', () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'console,smoke');
    expect(processors()).toHaveLength(1);
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/xml');
    expect(processors()).toHaveLength(1);
    expect(warnings).toBe(`throughline: OTEL_TRACES_EXPORTER: smoke is not known and left out
throughline: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/xml is not known; http/protobuf is used
`);
  });
});

test('limits and batches are as their variables say', () => {
  vi.stubEnv('OTEL_ATTRIBUTE_COUNT_LIMIT', '64');
  vi.stubEnv('OTEL_SPAN_EVENT_COUNT_LIMIT', '7');
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100');
  expect(spanLimitsFromEnv()).toEqual({ attributeCountLimit: 64, eventCountLimit: 7 });
  expect(batchFromEnv('BSP')).toEqual({ scheduledDelayMillis: 100 });
  expect(batchFromEnv('BLRP')).toEqual({});
  vi.stubEnv('OTEL_SPAN_LINK_COUNT_LIMIT', '-1');
  vi.stubEnv('OTEL_BLRP_MAX_QUEUE_SIZE', 'many');
  vi.stubEnv('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', '0');
  expect([spanLimitsFromEnv().linkCountLimit, batchFromEnv('BLRP')]).toEqual([undefined, {}]);
  expect(warnings)
    .toBe(`throughline: OTEL_SPAN_LINK_COUNT_LIMIT=-1 is not a whole number from 0; it is left out
throughline: OTEL_BLRP_MAX_QUEUE_SIZE=many is not a whole number from 1; it is left out
throughline: OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=0 is not a whole number from 1; it is left out
`);
});

test('what is named is found in whatever case it is written', () => {
  vi.stubEnv('OTEL_PROPAGATORS', 'TraceContext, B3');
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'Always_Off');
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'OTLP,Console');
  expect(propagatorFromEnv().fields()).toEqual(['traceparent', 'tracestate', 'b3']);
  expect(samplerFromEnv('shop').toString()).toBe('AlwaysOffSampler');
  expect(exporterNames('TRACES')).toEqual(['otlp', 'console']);
});

test('OTEL_SDK_DISABLED is true or false', () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'TRUE');
  expect(configInForce().disabled).toBe(true);
  vi.stubEnv('OTEL_SDK_DISABLED', 'yes');
  expect(configInForce().disabled).toBe(false);
  expect(warnings).toBe('throughline: OTEL_SDK_DISABLED=yes is neither true nor false; false is used\n');
});

test('network phases are as their variable says', () => {
  expect(networkPhasesFromEnv()).toBe('spans');
  vi.stubEnv('THROUGHLINE_NETWORK_PHASES', 'events');
  expect(networkPhasesFromEnv()).toBe('events');
  vi.stubEnv('THROUGHLINE_NETWORK_PHASES', 'all');
  expect(networkPhasesFromEnv()).toBe('spans');
  expect(warnings).toContain('THROUGHLINE_NETWORK_PHASES=all is none of spans, nested, events, off');
});

describe('the resource', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'resource-'));
    mkdirSync(join(folder, 'dist', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name": "shop", "version": "1.2.3"}');
    writeFileSync(join(folder, 'dist', 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, 'dist', 'deep', 'main.js'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('has name and version from the nearest package.json with a name', () => {
    expect(ofPackage(join(folder, 'dist', 'deep', 'main.js'))).toEqual({
      'service.name': 'shop',
      'service.version': '1.2.3',
    });
    expect(ofPackage(join(folder, 'nothing.js'))).toEqual({});
  });

  test('takes what code says before the variables, and these before package.json', () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'team=blue,place=here');
    expect(describeProcess({ place: 'there' }).attributes).toMatchObject({
      'service.name': 'from-env',
      team: 'blue',
      place: 'there',
      'process.pid': process.pid,
      'host.name': expect.any(String),
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'telemetry.sdk.language': 'nodejs',
    });
    expect(describeProcess({ 'service.name': 'from-code' }).attributes['service.name']).toBe('from-code');
  });

  test('leaves out variables that are not understood, and says so', () => {
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'team=blue,broken');
    vi.stubEnv('THROUGHLINE_EXPORT_MAX_BYTES', '64MB');
    expect(describeProcess({}).attributes).not.toHaveProperty('team');
    expect(waitingFromEnv()).toEqual({});
    expect(warnings)
      .toBe(`throughline: OTEL_RESOURCE_ATTRIBUTES=team=blue,broken is not key=value,…; all of it is left out
throughline: THROUGHLINE_EXPORT_MAX_BYTES=64MB is not a number of bytes; it is left out
`);
  });

  test('is complete at once, so that the first export needs not wait for it', () => {
    expect(describeProcess({}).asyncAttributesPending).toBe(process.platform !== 'linux');
    expect(describeProcess({}).attributes).toMatchObject({
      'host.arch': expect.any(String),
      'os.type': process.platform,
      'process.executable.path': process.execPath,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    });
  });

  test('has what the detectors find that are asked for, and always what the variables say', () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    vi.stubEnv('OTEL_NODE_RESOURCE_DETECTORS', 'os,gcp');
    expect(Object.keys(describeProcess({}).attributes).toSorted()).toEqual([
      'os.type',
      'os.version',
      'service.name',
      'service.version',
      'telemetry.sdk.language',
      'telemetry.sdk.name',
      'telemetry.sdk.version',
    ]);
    expect(warnings).toBe(
      'throughline: OTEL_NODE_RESOURCE_DETECTORS: gcp is none of host, os, process, serviceinstance, container, env, all, none and left out\n',
    );
  });
});
