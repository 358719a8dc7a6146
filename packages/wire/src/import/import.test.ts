import { InvalidData } from '@throughline/model';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { logRecords, runs, spans as someSpans } from '../arbitrary.test-kit.ts';
import { decodeLogs, decodeTraces } from '../decode.ts';
import { encodeLogs, encodeTraces } from '../encode.ts';
import { logKey, spanKey } from './items.ts';
import { imported } from './import.test-kit.ts';
import { traceFromText } from '../testing/trace-text.ts';
import { logsToJson, tracesToJson } from '../to-json.ts';

const traceId = 'a'.repeat(32);
const spans = traceFromText(
  `shop: GET /cart server 0..120 error http.response.status_code=500
     pay: charge client 10..50.5 amount=12.5`,
  { traceId },
);
const tracesLine = tracesToJson(encodeTraces(spans));
const request = () => JSON.parse(tracesLine) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
const logsLine = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [
        {
          logRecords: [
            { timeUnixNano: '1700000000000000002', body: { stringValue: 'late' }, traceId },
            { observedTimeUnixNano: '1700000000000000001', body: { stringValue: 'early' } },
          ],
        },
      ],
    },
  ],
});
const metricsLine = '{"resourceMetrics":[{"scopeMetrics":[]}]}';

describe('a file of OTLP', () => {
  it.each([
    ['one request', tracesLine],
    ['a request with blank space around', `\n  ${JSON.stringify(request(), null, 2)}\n\n`],
    ['a byte order mark in front', `\uFEFF${tracesLine}`],
    ['an array of requests', `[${tracesLine}]`],
    ['bare groups', JSON.stringify(request().resourceSpans)],
    [
      'one bare group in each line',
      request()
        .resourceSpans.map((group) => JSON.stringify(group))
        .join('\n'),
    ],
    ['a line', `${tracesLine}\n`],
    ['a line with the end of Windows', `\r\n${tracesLine}\r\n`],
    [
      'keys of the .proto file',
      tracesLine.replaceAll('resourceSpans', 'resource_spans').replaceAll('scopeSpans', 'scope_spans'),
    ],
  ])('is read: %s', async (_, file) => {
    for (const chunkBytes of [1, 1000, 2 ** 20]) {
      const found = await imported(file, { chunkBytes });
      expect(found.spans).toEqual(spans);
      expect(found.report).toMatchObject({
        formats: ['otlp'],
        spans: 2,
        traces: 1,
        traceIds: [traceId],
        problems: [],
      });
    }
  });

  it('is read in gzip', async () => {
    expect((await imported(gzipSync(tracesLine), { chunkBytes: 10 })).spans).toEqual(spans);
  });

  it('has traces and logs in lines as they come, and lines of metrics that are only counted', async () => {
    const { report, logs } = await imported([logsLine, metricsLine, '', tracesLine].join('\n'));
    expect(report).toMatchObject({
      spans: 2,
      logs: 2,
      unused: 1,
      logTimes: [1_700_000_000_000_000_001n, 1_700_000_000_000_000_002n],
      problemCount: 0,
    });
    expect(logs.map(({ body, traceId: of }) => [body, of])).toEqual([
      ['late', traceId],
      ['early', undefined],
    ]);
  });

  it('loses to a wrong span that span alone, and says where', async () => {
    const file = request();
    const [group] = file.resourceSpans;
    const [good] = group!.scopeSpans[0]!.spans;
    group!.scopeSpans = [
      { spans: [good!] },
      { spans: [good!, { ...good, name: 7 }, good!, { ...good, kind: 'ROBOT' }] },
      { spans: [{ ...good, traceId: 'abcd' }] },
    ];
    const { report } = await imported(file);
    expect(report.spans).toBe(4);
    expect(report.problems.map(({ place, message }) => `${place}: ${message}`)).toEqual([
      'resourceSpans[0].scopeSpans[1].spans[1].name: expected a string, got 7',
      expect.stringMatching(
        /^resourceSpans\[0\]\.scopeSpans\[1\]\.spans\[3\]\.kind: expected a number or one of /,
      ),
      expect.stringMatching(/^resourceSpans\[0\]: 1 span.*trace_id/),
    ]);
  });

  it('loses to a wrong resource or scope what is in it, and says so once', async () => {
    const file = request();
    const [first, second] = file.resourceSpans;
    Object.assign(first!, { resource: { attributes: [{ key: 1 }] } });
    Object.assign(second!.scopeSpans[0]!, { scope: 'x' });
    const { report } = await imported([tracesLine, JSON.stringify(file)].join('\n'));
    expect(report.spans).toBe(2);
    expect(report.problems).toEqual([
      { place: 'line 2, resourceSpans[0].resource.attributes[0].key', message: 'expected a string, got 1' },
      { place: 'line 2, resourceSpans[1].scopeSpans[0].scope', message: 'expected an object, got "x"' },
    ]);
  });

  it('of many spans of one resource comes in pieces, with the places of all of them', async () => {
    const file = request();
    const [good] = file.resourceSpans[0]!.scopeSpans[0]!.spans;
    const many = Array.from({ length: 5_000 }, (_, n) => ({
      ...good,
      spanId: (n + 1).toString(16).padStart(16, '0'),
    }));
    many[4_321] = { ...many[4_321]!, endTimeUnixNano: [] } as never;
    file.resourceSpans = [{ ...file.resourceSpans[0]!, scopeSpans: [{ spans: many }] }];
    const { report, spans: found } = await imported(file);
    expect(report.spans).toBe(4_999);
    expect(new Set(found.map(({ spanId }) => spanId)).size).toBe(4_999);
    expect(report.problems[0]!.place).toBe('resourceSpans[0].scopeSpans[0].spans[4321].endTimeUnixNano');
  });

  it('with everything that OTLP can say is what it was', async () => {
    await fc.assert(
      fc.asyncProperty(someSpans, logRecords, async (ofTraces, ofLogs) => {
        const [traces, logs] = [encodeTraces(ofTraces), encodeLogs(ofLogs)];
        const found = await imported([tracesToJson(traces), logsToJson(logs)].join('\n'));
        expect(found.report.problems).toEqual([]);
        expect(found.spans).toEqual(decodeTraces(traces));
        expect(found.logs).toEqual(decodeLogs(logs));
      }),
      runs(100),
    );
  });
});

describe('a file', () => {
  it('has formats mixed, a document in each line', async () => {
    const jaeger = { traceID: 'b', spans: [{ traceID: 'b', spanID: '1', startTime: 1 }], processes: {} };
    const zipkin = [{ traceId: 'c', id: '1', timestamp: 1 }];
    const { report } = await imported(
      [tracesLine, jaeger, zipkin]
        .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
        .join('\n'),
    );
    expect(report).toMatchObject({
      formats: ['otlp', 'jaeger', 'zipkin'],
      spans: 4,
      traces: 3,
      problemCount: 0,
    });
  });

  it('loses to a broken line that line alone', async () => {
    const { report } = await imported([tracesLine, '{"resourceSpans": [', '{"a": 1}', logsLine].join('\n'));
    expect(report).toMatchObject({
      spans: 2,
      logs: 2,
      problems: [
        { place: 'line 2', message: 'this is not JSON' },
        { place: 'line 3', message: 'this is JSON, but neither OTLP nor of Jaeger nor of Zipkin' },
      ],
    });
    // The first line may be the broken one: a file that was turned over in the middle.
    const { report: turned } = await imported([`ns":[]}`, tracesLine].join('\n'));
    expect(turned).toMatchObject({ spans: 2, problems: [{ place: 'line 1', message: 'this is not JSON' }] });
  });

  it.each([
    ['', 'the file is empty'],
    [' \n \n', 'the file is empty'],
    ['hello', 'line 1, column 1: this is not JSON'],
    ['{\n  "data": [\n    {"traceID": nope}\n  ]\n}', 'line 3, column 17: this is not JSON'],
    ['\n{"data": [', 'line 2, column 11: this is not JSON'],
    ['{"data": "a\\x"}', 'line 1, column 10: this is not JSON'],
    ['{"data": [1,]}', 'line 1, column 13: this is not JSON'],
    ['{"data": [1 2]}', 'line 1, column 13: this is not JSON'],
    ['[] []', 'line 1, column 4: this is not JSON'],
    ['{"name": "x", "version": 1}', 'this is JSON, but neither OTLP nor of Jaeger nor of Zipkin'],
    ['7', 'this is JSON, but neither OTLP nor of Jaeger nor of Zipkin'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'not JSON: the text is not UTF-8'],
    [gzipSync(tracesLine).subarray(0, 40), 'the gzip around it is damaged: unexpected end of file'],
    [Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'the gzip around it is damaged: unknown compression method'],
  ])('is refused when it cannot be used, with the place: %j', async (file, message) => {
    await expect(imported(file)).rejects.toThrow(new InvalidData(message));
  });

  it('is refused where a document in it is too long, packed or not', async () => {
    for (const file of [`[${' '.repeat(2 ** 21)}]`, gzipSync(`[${' '.repeat(2 ** 21)}]`)])
      await expect(imported(file, { maxDocumentBytes: 2 ** 20 })).rejects.toThrow('more than 1 MiB');
    const lines = Array.from({ length: 2_000 }, () => tracesLine).join('\n');
    expect(lines.length).toBeGreaterThan(2 ** 20);
    expect((await imported(lines, { maxDocumentBytes: 2 ** 20 })).report.spans).toBe(4_000);
  });

  it('leaves out the spans that are known, and asks once for many lines', async () => {
    const [first] = spans;
    let asked = 0;
    const known = async () => {
      asked++;
      return new Set([spanKey(traceId, first!.spanId, first!.start)]);
    };
    const found = await imported([tracesLine, logsLine, tracesLine].join('\n'), { known });
    expect(found.spans).toEqual([spans[1], spans[1]]);
    expect(found.report).toMatchObject({ spans: 2, known: 2, traces: 1 });
    expect(asked).toBe(1);
  });

  it('asks once what is known of a trace, however long it is', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => ({
      traceId: 'a',
      id: (n + 1).toString(16),
      timestamp: 1,
    }));
    const asked: string[][] = [];
    const taken = new Set([spanKey('a'.padStart(32, '0'), '1'.padStart(16, '0'), 1000n)]);
    const known = async (ids: readonly string[]) => {
      asked.push([...ids]);
      return taken;
    };
    const { report } = await imported([...many, ...many.slice(0, 1)], { known });
    expect(report).toMatchObject({ spans: 19_999, known: 2 });
    expect(asked).toEqual([['a'.padStart(32, '0')]]);
  });

  it('leaves out the log records that are known, whatever their body is', async () => {
    const bodies = [{ stringValue: 'text' }, { intValue: '7' }, { kvlistValue: { values: [] } }, undefined];
    const file = JSON.stringify({
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: bodies.map((body, n) => ({
                timeUnixNano: String(n + 1),
                traceId: n ? '' : traceId,
                body,
              })),
            },
          ],
        },
      ],
    });
    const none = '0'.repeat(32);
    const ids = (n: number) => [n === 1 ? traceId : none, none.slice(16)] as const;
    const stored = [Buffer.from('text'), Buffer.from([0x18, 7]), Buffer.from([0x32, 0]), Buffer.alloc(0)];
    for (const [n, body] of stored.entries()) {
      const asked: bigint[] = [];
      const knownLogs = async (times: readonly bigint[]) => {
        asked.push(...times);
        return new Set([logKey(BigInt(n + 1), ...ids(n + 1), body)]);
      };
      const found = await imported(file, { knownLogs });
      expect(asked).toEqual([1n, 2n, 3n, 4n]);
      expect(found.logs.map(({ time }) => Number(time))).toEqual(
        [1, 2, 3, 4].filter((each) => each !== n + 1),
      );
      expect(found.report).toMatchObject({ logs: 3, knownLogs: 1, logTimes: [1n, 4n] });
    }
  });

  it('lists at most a thousand traces and a hundred problems, and counts all', async () => {
    const list = Array.from({ length: 2_500 }, (_, n) => ({
      traceId: (n + 1).toString(16),
      id: n % 5 ? 'a' : 'nope',
      timestamp: 1,
    }));
    const { report } = await imported(list);
    expect(report).toMatchObject({ spans: 2_000, traces: 2_000, problemCount: 500 });
    expect([report.traceIds.length, report.problems.length]).toEqual([1_000, 100]);
  });

  it('of any content is read or refused with InvalidData, and never hangs', async () => {
    const jaeger = {
      data: [
        {
          traceID: 'b',
          spans: [
            {
              traceID: 'b',
              spanID: '1',
              operationName: 'x',
              startTime: 1,
              duration: 2,
              references: [{ refType: 'CHILD_OF', traceID: 'b', spanID: '2' }],
              tags: [{ key: 'a', type: 'int64', value: 1 }],
              logs: [{ timestamp: 1, fields: [{ key: 'event', type: 'string', value: 'x' }] }],
              processID: 'p1',
              warnings: [],
            },
          ],
          processes: { p1: { serviceName: 'x', tags: [] } },
        },
      ],
    };
    const zipkin = [
      [
        {
          traceId: 'c',
          id: '1',
          parentId: '2',
          kind: 'CLIENT',
          name: 'x',
          timestamp: 1,
          duration: 2,
          localEndpoint: { serviceName: 'x', ipv4: '1', port: 1 },
          remoteEndpoint: { serviceName: 'y' },
          annotations: [{ timestamp: 1, value: '"a": {"b": 1}' }],
          tags: { a: 'b' },
          shared: true,
        },
      ],
    ];
    const version1 = [
      {
        traceId: 'c',
        id: '1',
        annotations: [
          { timestamp: 1, value: 'cs', endpoint: { serviceName: 'x' } },
          { timestamp: 2, value: 'sr', endpoint: {} },
        ],
        binaryAnnotations: [{ key: 'sa', value: true, endpoint: {} }],
      },
    ];
    const own = {
      summary: {},
      spans: [
        {
          trace_id: 'd',
          span_id: '1',
          name: 'x',
          kind: 'server',
          start: '1',
          duration: 2,
          attributes: [{ key: 'a', type: 'int', value: 1 }],
          events: [{ time: '1', name: 'x', attributes: [] }],
          links: [{ trace_id: 'd', span_id: '2' }],
          resource: { attributes: [{ key: 'a', type: 'map', value: {} }] },
          scope: { name: 'x' },
        },
      ],
      logs: [{ time: '1', body: 'x', body_type: 'string', severity: 9 }],
    };
    expect((await imported(jaeger)).report.problems).toEqual([]);
    expect((await imported(own)).report).toMatchObject({ spans: 1, logs: 1, problems: [] });
    const seeds = [jaeger, zipkin, version1, own, request(), JSON.parse(logsLine) as unknown];
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, '', '0', -1, 1e300, [], {}, [[]], 'f'.repeat(32), '18446744073709551616'),
    );
    /** The seed with the nth of its values replaced. */
    const mutated = (seed: unknown, at: number, by: unknown): unknown => {
      let n = 0;
      return JSON.parse(JSON.stringify(seed), (_, value: unknown) => (n++ === at ? by : value)) as unknown;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seeds.length - 1),
        fc.nat(60),
        odd,
        fc.boolean(),
        async (which, at, by, cut) => {
          const whole = JSON.stringify(mutated(seeds[which], at, by)) ?? 'null';
          const file = cut ? whole.slice(0, at * 7) : whole;
          try {
            await imported(file);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidData);
          }
        },
      ),
      runs(3_000),
    );
  });
});
