// Bytes alone, on one thread: checking, forwarding, decoding and encoding requests of about 512 spans.
import {
  checkTraces,
  concatBatches,
  decodeTraces,
  encodeTraces,
  tracesFromJson,
  tracesToJson,
} from '@throughline/wire';
import { Traffic, type Request } from './generator.ts';
import { round } from './numbers.ts';

export const options = { seconds: 3 };

export interface WireResult {
  readonly bytesPerSpan: number;
  readonly work: readonly {
    readonly work: string;
    readonly spansPerCpuSecond: number;
    readonly megabytesPerCpuSecond: number;
  }[];
}

export async function run({ seconds } = options): Promise<WireResult> {
  const traffic = new Traffic({ startMs: 1_800_000_000_000 });
  const requests = Array.from({ length: 40 }, () => traffic.next());
  const batches = requests.map(({ body }) => checkTraces(body).batch);
  const decoded = requests.map(({ body }) => decodeTraces(body));
  const json = requests.map(({ body }) => Buffer.from(tracesToJson(body)));
  const contestants: Record<string, (request: number) => number> = {
    'check (once per request received)': (i) => checkTraces(requests[i]!.body).batch.items,
    'join eight requests into one': (i) => (i % 8 === 0 ? concatBatches(batches.slice(i, i + 8)).items : 0),
    'decode to objects': (i) => decodeTraces(requests[i]!.body).length,
    'encode from objects': (i) => encodeTraces(decoded[i]!).length,
    'from OTLP/JSON': (i) => tracesFromJson(json[i]!).length,
    'to OTLP/JSON': (i) => tracesToJson(requests[i]!.body).length,
  };
  const work = Object.entries(contestants).map(([name, once]) => ({
    work: name,
    ...measure(once, requests, seconds),
  }));
  console.table(work);
  return { bytesPerSpan: Math.round(traffic.bytesPerSpan), work };
}

/** The best of three rounds, in CPU time: what others do to the machine makes rounds slower, never faster. */
function measure(once: (request: number) => number, requests: readonly Request[], seconds: number) {
  const spans = requests.reduce((sum, request) => sum + request.spans, 0);
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0);
  let best = 0;
  let consumed = 0;
  for (let round = 0; round < 3; round++) {
    const begun = cpuSeconds();
    let rounds = 0;
    for (; cpuSeconds() - begun < seconds / 3; rounds++)
      for (let request = 0; request < requests.length; request++) consumed += once(request);
    best = Math.max(best, rounds / (cpuSeconds() - begun));
  }
  if (consumed === 0) throw new Error('nothing was done');
  return { spansPerCpuSecond: round(best * spans), megabytesPerCpuSecond: round((best * bytes) / 1e6) };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
