import { InvalidData } from '@throughline/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logRecords, runs, spans } from './arbitrary.test-kit.ts';
import { explain } from './explain.ts';
import {
  checkLogs,
  checkTraces,
  concatBatches,
  decodeLogs,
  decodeTraces,
  encodeLogs,
  encodeTraces,
  logsFromJson,
  logsToJson,
  readExportResponse,
  readRpcStatus,
  rpcStatus,
  tracesFromJson,
  tracesToJson,
} from './index.ts';
import { referenceDecode, referenceEncode } from './otlp.test-kit.ts';
import { logsData, tracesData } from './schema.ts';

/** One change to bytes; `at` and `to` are fractions of the length. */
const change = fc.record({
  kind: fc.constantFrom('set', 'flip', 'cut', 'insert', 'repeat', 'truncate'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  size: fc.integer({ min: 1, max: 20 }),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x0a, 0x12, 0x7f, 0x80, 0xff)),
});
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, all: readonly Change[]): Buffer {
  let mutated = Buffer.from(bytes);
  for (const { kind, at, size, byte } of all) {
    const pos = Math.floor(at * mutated.length);
    const [before, after] = [mutated.subarray(0, pos), mutated.subarray(pos)];
    if (kind === 'truncate') mutated = before;
    else if (kind === 'cut') mutated = Buffer.concat([before, after.subarray(size)]);
    else if (kind === 'insert') mutated = Buffer.concat([before, Buffer.alloc(size, byte), after]);
    else if (kind === 'repeat') mutated = Buffer.concat([before, after.subarray(0, size), after]);
    else if (kind === 'set') after.subarray(0, 1).fill(byte);
    else after.subarray(0, 1).fill((after[0] ?? 0) ^ (1 << (byte & 7)));
  }
  return mutated;
}

/** What `work` returns, or the InvalidData it throws; any other error fails the test. */
function outcome<T>(work: () => T): T | InvalidData {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidData) return error;
    throw error;
  }
}

/** What protobufjs makes of `bytes`, written again; undefined if a text is not UTF-8, which it does not read. */
function rewritten(typeName: string, bytes: Uint8Array): Uint8Array | undefined {
  try {
    return referenceEncode(typeName, referenceDecode(typeName, bytes));
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return undefined;
    throw error;
  }
}

const signals = [
  {
    signal: 'traces',
    bytes: spans.map(encodeTraces),
    check: checkTraces,
    decode: decodeTraces as (bytes: Uint8Array) => unknown[],
    toJson: tracesToJson,
    fromJson: tracesFromJson,
    message: tracesData,
  },
  {
    signal: 'logs',
    bytes: logRecords.map(encodeLogs),
    check: checkLogs,
    decode: decodeLogs as (bytes: Uint8Array) => unknown[],
    toJson: logsToJson,
    fromJson: logsFromJson,
    message: logsData,
  },
];

describe.each(signals)('damaged $signal', ({ bytes, check, decode, toJson, fromJson, message }) => {
  test('are refused by the fast check when and only when the slow one refuses them', () => {
    const seen = { kept: 0, refused: 0 };
    fc.assert(
      fc.property(bytes, changes, (valid, all) => {
        const damaged = mutate(valid, all);
        const checked = outcome(() => check(damaged));
        seen[checked instanceof InvalidData ? 'refused' : 'kept']++;
        expect(checked instanceof InvalidData ? checked.message : undefined).toBe(
          explain(damaged, message)?.message,
        );
      }),
      runs(1500),
    );
    expect(Math.min(seen.kept, seen.refused)).toBeGreaterThan(150);
  });

  test('are read like protobufjs reads them when the check lets them pass', () => {
    fc.assert(
      fc.property(bytes, changes, (valid, all) => {
        const checked = outcome(() => check(mutate(valid, all)));
        if (checked instanceof InvalidData) return;
        const { batch } = checked;
        expect(decode(batch.bytes)).toHaveLength(batch.items);
        const again = rewritten(message.name, batch.bytes);
        if (again) expect(decode(again)).toEqual(decode(batch.bytes));
        expect(check(fromJson(Buffer.from(toJson(batch.bytes)))).batch.items).toBe(batch.items);
      }),
      runs(600),
    );
  });

  test('are refused by the readers with InvalidData and nothing else', () => {
    fc.assert(
      fc.property(bytes, changes, (valid, all) => {
        const damaged = mutate(valid, all);
        outcome(() => decode(damaged));
        outcome(() => toJson(damaged));
        outcome(() => readExportResponse(damaged));
        outcome(() => readRpcStatus(damaged));
      }),
      runs(400),
    );
  });

  test('are judged by their own bytes alone, not by what lies around them', () => {
    fc.assert(
      fc.property(bytes, changes, fc.uint8Array({ minLength: 0, maxLength: 40 }), (valid, all, around) => {
        const damaged = mutate(valid, all);
        const surrounded = Buffer.concat([around, damaged, around, valid]);
        const inside = surrounded.subarray(around.length, around.length + damaged.length);
        expect(outcome(() => check(inside))).toEqual(outcome(() => check(damaged)));
        expect(outcome(() => decode(inside))).toEqual(outcome(() => decode(damaged)));
      }),
      runs(400),
    );
  });

  test('cut off anywhere are refused or hold no more than whole groups', () => {
    fc.assert(
      fc.property(bytes, (valid) => {
        for (let length = 0; length < valid.length; length++) {
          const checked = outcome(() => check(valid.subarray(0, length)));
          if (!(checked instanceof InvalidData)) expect(valid[length]).toBe(0x0a);
        }
      }),
      runs(3),
    );
  });

  test('in JSON are refused with InvalidData and nothing else', () => {
    fc.assert(
      fc.property(bytes, changes, (valid, all) => {
        const json = outcome(() => fromJson(mutate(Buffer.from(toJson(valid)), all)));
        if (!(json instanceof InvalidData)) check(json);
      }),
      runs(600),
    );
  });

  test('that are intact put together hold what each holds', () => {
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (all) => {
        const joined = concatBatches(all.map((one) => check(one).batch));
        expect(decode(joined.bytes)).toEqual(all.flatMap(decode));
        expect(check(joined.bytes).batch.items).toBe(joined.items);
      }),
      runs(50),
    );
  });
});

test('any JSON at all is taken or refused with InvalidData', () => {
  const names = [
    'resourceSpans',
    'scopeSpans',
    'spans',
    'attributes',
    'value',
    'kind',
    'traceId',
    'startTimeUnixNano',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, true, 1, -1, 1.5, 1e300, '', '1', 'x', '00'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const bytes = outcome(() => tracesFromJson(Buffer.from(JSON.stringify({ resourceSpans: value }))));
      if (!(bytes instanceof InvalidData)) checkTraces(bytes);
    }),
    runs(2000),
  );
});

test('a damaged error status is read or refused with InvalidData', () => {
  const valid = rpcStatus({ code: 14, message: 'try again', retryDelayMs: 90_061_001 });
  fc.assert(
    fc.property(changes, (all) => {
      outcome(() => readRpcStatus(mutate(valid, all)));
    }),
    runs(2000),
  );
});
