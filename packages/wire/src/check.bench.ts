import { equal } from 'node:assert';
import { explain } from './explain.ts';
import { checkTraces } from './index.ts';
import { race, shopRequest } from './load.test-kit.ts';
import { referenceDecode } from './otlp.test-kit.ts';
import { planOf, walk } from './structure.ts';
import { tracesData } from './schema.ts';

// npx tsx --conditions=source packages/wire/src/check.bench.ts

const bytes = shopRequest();
const plan = planOf(tracesData);
equal(checkTraces(bytes).batch.items, 512);
equal(explain(bytes, tracesData), undefined);
equal(walk(bytes, 0, bytes.length, plan, 0), bytes.length);
console.log(`${Math.round(bytes.length / 512)} bytes a span`);

race({
  checkTraces: () => checkTraces(bytes).batch.items,
  'the walk by table alone, without ids': () => walk(bytes, 0, bytes.length, plan, 0),
  'the slow twin': () => (explain(bytes, tracesData) ? 1 : 0),
  'protobufjs decode': () => Object.keys(referenceDecode('TracesData', bytes)).length,
});
