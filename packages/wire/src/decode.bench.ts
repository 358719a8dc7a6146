import { deepStrictEqual } from 'node:assert';
import { checkTraces, decodeTraces, encodeTraces, tracesFromJson, tracesToJson } from './index.ts';
import { race, shopRequest } from './load.test-kit.ts';
import { referenceDecode, referenceEncode, referenceJson } from './otlp.test-kit.ts';

// npx tsx --conditions=source packages/wire/src/decode.bench.ts

const bytes = shopRequest();
const spans = decodeTraces(bytes);
const plain = referenceDecode('TracesData', bytes);
const text = tracesToJson(bytes);
const json = Buffer.from(text);
deepStrictEqual(encodeTraces(spans), bytes);
deepStrictEqual(tracesFromJson(json), bytes);
deepStrictEqual(JSON.parse(text), referenceJson('TracesData', bytes));

race({
  decodeTraces: () => decodeTraces(bytes).length,
  'protobufjs decode and toObject': () => Object.keys(referenceDecode('TracesData', bytes)).length,
  encodeTraces: () => encodeTraces(spans).length,
  'protobufjs fromObject and encode': () => referenceEncode('TracesData', plain).length,
  tracesFromJson: () => tracesFromJson(json).length,
  'JSON.parse alone': () => Object.keys(JSON.parse(json.toString()) as object).length,
  tracesToJson: () => tracesToJson(bytes).length,
  'JSON.stringify alone': () => JSON.stringify(plain).length,
  checkTraces: () => checkTraces(bytes).batch.items,
});
