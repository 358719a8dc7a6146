import { InvalidData } from '@throughline/model';
import { describe, expect, test } from 'vitest';
import { decodeLogs, decodeTraces, logsFromJson, tracesFromJson, tracesToJson } from './index.ts';
import { referenceEncode } from './otlp.test-kit.ts';

const ids = { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef' };

/** OTLP/JSON with one span, written as text so that a test decides about every character. */
function spanText(members: string): Buffer {
  const known = JSON.stringify(ids).slice(0, -1);
  return Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${known},${members}}]}]}]}`);
}

function spanOf(members: string) {
  return decodeTraces(tracesFromJson(spanText(members)))[0]!;
}

function valueOf(anyValue: string) {
  return spanOf(`"attributes":[{"key":"k","value":${anyValue}}]`).attributes['k'];
}

function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidData) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('64-bit numbers', () => {
  test.each([
    ['a string', '"1700000000123456789"', 1_700_000_000_123_456_789n],
    ['a number, beyond 2^53 too', '1700000000123456789', 1_700_000_000_123_456_789n],
    ['the largest number', '18446744073709551615', 2n ** 64n - 1n],
    ['a small number', '7', 7n],
    ['a number that ends the line', '1700000000123456789\n', 1_700_000_000_123_456_789n],
  ])('may be %s', (_, text, value) => {
    expect(spanOf(`"startTimeUnixNano":${text}`).start).toBe(value);
  });

  test('are exact in attributes, whatever texts and doubles stand beside them', () => {
    const list = ['-9223372036854775808', '"9223372036854775807"', '-1', '9007199254740993'];
    const values = list.map((text) => `{"intValue":${text}}`).join(',');
    const texts = String.raw`{"stringValue":"a \\\" 12345678901234567, \\"},{"stringValue":" 1234567890123456789"}`;
    const doubles =
      '{"doubleValue":0.12345678901234567},{"doubleValue":12345678901234567890},{"doubleValue":1e20}';
    expect(valueOf(`{"arrayValue":{"values":[${values},${texts},${doubles}]}}`)).toEqual([
      -(2n ** 63n),
      2n ** 63n - 1n,
      -1n,
      9007199254740993n,
      'a \\" 12345678901234567, \\',
      ' 1234567890123456789',
      Number('0.12345678901234567'),
      Number('12345678901234567890'),
      1e20,
    ]);
  });
});

describe('as the specification says', () => {
  test('ids are hex in any case', () => {
    const { traceId } = ids;
    const bytes = tracesFromJson(
      spanText(`"parentSpanId":"ABCDEFabcdef0000","links":[{"traceId":"${traceId.toUpperCase()}"}]`),
    );
    expect(decodeTraces(bytes)[0]).toMatchObject({ parentSpanId: 'abcdefabcdef0000', links: [{ traceId }] });
  });

  test('enums are numbers; names are taken too', () => {
    expect(spanOf('"kind":3,"status":{"code":2}')).toMatchObject({ kind: 'client', status: 'error' });
    expect(spanOf('"kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_OK"}')).toMatchObject({
      kind: 'server',
      status: 'ok',
    });
    expect(spanOf('"kind":77')).toMatchObject({ kind: 'unspecified' });
    const log =
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_WARN2"}]}]}]}';
    expect(decodeLogs(logsFromJson(Buffer.from(log)))[0]!.severity).toBe(14);
  });

  test('doubles may be the words NaN and Infinity', () => {
    expect(valueOf('{"doubleValue":"NaN"}')).toBeNaN();
    expect(valueOf('{"doubleValue":"-Infinity"}')).toBe(-Infinity);
    expect(valueOf('{"doubleValue":-0}')).toBe(-0);
    expect(valueOf('{"doubleValue":"1.5e3"}')).toBe(1500);
  });

  test('bytes are base64, also in the alphabet for URLs and without padding', () => {
    expect(valueOf('{"bytesValue":"+/8="}')).toEqual(Uint8Array.of(0xfb, 0xff));
    expect(valueOf('{"bytesValue":"-_8"}')).toEqual(Uint8Array.of(0xfb, 0xff));
  });

  test('null means absence, and an empty value is one', () => {
    const span = spanOf(
      '"name":null,"attributes":[{"key":"k","value":{}},{"key":"l","value":null}],"status":null',
    );
    expect(span).toMatchObject({ name: '', attributes: { k: null, l: null }, status: 'unset' });
    expect(tracesFromJson(Buffer.from('{"resourceSpans":null}'))).toHaveLength(0);
    expect(tracesFromJson(Buffer.from('{}'))).toHaveLength(0);
  });

  test('a value that is zero, false or empty is still a value', () => {
    expect(valueOf('{"intValue":"0"}')).toBe(0n);
    expect(valueOf('{"boolValue":false}')).toBe(false);
    expect(valueOf('{"stringValue":""}')).toBe('');
    expect(valueOf('{"arrayValue":{}}')).toEqual([]);
    expect(valueOf('{"kvlistValue":{"values":[]}}')).toEqual({});
  });

  test('unknown keys are ignored, whatever they hold', () => {
    expect(spanOf('"new":{"deep":[1,{"kind":"x"}]},"__proto__":{"kind":5},"name":"n"')).toMatchObject({
      name: 'n',
      kind: 'unspecified',
    });
  });

  test('the names of the .proto file are understood', () => {
    const text = JSON.stringify({
      resource_spans: [
        { scope_spans: [{ spans: [{ trace_id: ids.traceId, span_id: ids.spanId, name: 'n' }] }] },
      ],
    });
    expect(decodeTraces(tracesFromJson(Buffer.from(text)))[0]).toMatchObject({ ...ids, name: 'n' });
  });

  test('a byte order mark is skipped', () => {
    expect(tracesFromJson(Buffer.from('\uFEFF{}'))).toHaveLength(0);
  });
});

describe('wrong JSON is refused, naming the place', () => {
  const at = 'resourceSpans[0].scopeSpans[0].spans[0]';
  test.each([
    ['"startTimeUnixNano":"soon"', `${at}.startTimeUnixNano: expected a whole number, got "soon"`],
    ['"startTimeUnixNano":1.5', `${at}.startTimeUnixNano: expected a whole number, got 1.5`],
    [
      '"startTimeUnixNano":-1',
      `${at}.startTimeUnixNano: expected a number from 0 to 18446744073709551615, got -1`,
    ],
    [
      '"startTimeUnixNano":18446744073709551616',
      `${at}.startTimeUnixNano: expected a number from 0 to 18446744073709551615, got "18446744073709551616"`,
    ],
    [
      '"droppedEventsCount":4294967296',
      `${at}.droppedEventsCount: expected a number from 0 to 4294967295, got 4294967296`,
    ],
    ['"flags":-1', `${at}.flags: expected a number from 0 to 4294967295, got -1`],
    ['"name":5', `${at}.name: expected a string, got 5`],
    ['"parentSpanId":"xyz"', `${at}.parentSpanId: expected hex digits, got "xyz"`],
    [
      '"kind":"SERVER"',
      `${at}.kind: expected a number or one of SPAN_KIND_UNSPECIFIED, SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER, got "SERVER"`,
    ],
    ['"events":{}', `${at}.events: expected an array, got an object`],
    ['"events":[{},null]', `${at}.events[1]: expected an object, got null`],
    ['"status":[]', `${at}.status: expected an object, got an array`],
    [
      '"attributes":[{"value":{"boolValue":"true"}}]',
      `${at}.attributes[0].value.boolValue: expected true or false, got "true"`,
    ],
    [
      '"attributes":[{"value":{"doubleValue":"high"}}]',
      `${at}.attributes[0].value.doubleValue: expected a number, got "high"`,
    ],
    [
      '"attributes":[{"value":{"bytesValue":"a b"}}]',
      `${at}.attributes[0].value.bytesValue: expected base64, got "a b"`,
    ],
    ['"attributes":[{"value":"x"}]', `${at}.attributes[0].value: expected an object, got "x"`],
  ])('%s', (members, message) => {
    expect(complaint(() => tracesFromJson(spanText(members)))).toBe(message);
  });

  test('however large or deep what stands there is', () => {
    expect(
      complaint(() => tracesFromJson(spanText(`"name":${'['.repeat(100_000)}${']'.repeat(100_000)}`))),
    ).toBe(`${at}.name: expected a string, got an array`);
    expect(complaint(() => tracesFromJson(spanText(`"parentSpanId":"${'x'.repeat(1000)}"`)))).toBe(
      `${at}.parentSpanId: expected hex digits, got "${'x'.repeat(60)}…"`,
    );
  });

  test('and text that is no JSON at all', () => {
    expect(complaint(() => tracesFromJson(Buffer.from('{"resourceSpans":')))).toMatch(/^not JSON: /);
    expect(complaint(() => tracesFromJson(Buffer.alloc(0)))).toMatch(/^not JSON: /);
    expect(complaint(() => tracesFromJson(Buffer.of(0x22, 0xff, 0x22)))).toBe(
      'not JSON: the text is not UTF-8',
    );
    expect(complaint(() => tracesFromJson(Buffer.from('[]')))).toBe(
      'document: expected an object, got an array',
    );
    expect(complaint(() => tracesFromJson(Buffer.from('{"a":12345678901234567,"b":"}')))).toMatch(
      /^not JSON: /,
    );
  });

  test('and values nested deeper than 64, without exhausting the stack', () => {
    const nested = (depth: number) =>
      spanText(
        `"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(depth - 1)}{}${']}}'.repeat(depth - 1)}}]`,
      );
    expect(decodeTraces(tracesFromJson(nested(64)))).toHaveLength(1);
    expect(complaint(() => tracesFromJson(nested(65)))).toMatch(/: values are nested deeper than 64$/);
    expect(complaint(() => tracesFromJson(nested(100_000)))).toMatch(/: values are nested deeper than 64$/);
  });
});

describe('protobuf as JSON', () => {
  test('has doubles that JSON has no number for as words', () => {
    const values = [NaN, Infinity, -Infinity, -0, 1e21, 0.1].map((doubleValue) => ({ doubleValue }));
    const attributes = [{ key: 'k', value: { arrayValue: { values } } }];
    const json = tracesToJson(
      referenceEncode('TracesData', { resourceSpans: [{ resource: { attributes } }] }),
    );
    expect(json).toBe(
      '{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":{"arrayValue":{"values":[{"doubleValue":"NaN"},{"doubleValue":"Infinity"},{"doubleValue":"-Infinity"},{"doubleValue":-0},{"doubleValue":1e+21},{"doubleValue":0.1}]}}}]}}]}',
    );
  });

  test('gathers a repeated field that is scattered, and takes the last of a oneof', () => {
    const group = Buffer.from([0x0a, 0, 0x1a, 1, 0x61]); // resource {}, schema_url "a"
    const scattered = Buffer.from([0x12, 0, ...group, 0x12, 0]);
    expect(tracesToJson(Buffer.from([0x0a, scattered.length, ...scattered]))).toBe(
      '{"resourceSpans":[{"scopeSpans":[{},{}],"resource":{},"schemaUrl":"a"}]}',
    );
    const value = [0x12, 4, 0x10, 1, 0x18, 5]; // bool_value true, int_value 5
    const resource = [0x0a, value.length, ...value];
    const bytes = Buffer.from([0x0a, resource.length + 2, 0x0a, resource.length, ...resource]);
    expect(tracesToJson(bytes)).toContain('"value":{"intValue":"5"}');
  });

  test('is refused for malformed bytes', () => {
    expect(complaint(() => tracesToJson(Buffer.of(0x0a, 5)))).toBe(
      'resource_spans[0]: length 5 runs past the end (byte 1)',
    );
  });
});
