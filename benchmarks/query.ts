// Questions to stored spans, through HTTP: what a user waits for. Runs the built program, as without a configuration but
// for its ports. Every run asks for another trace, service or value, so that no answer is a repeated one.
import type { SearchResult, Status, Trace } from '@throughline/query/api';
import { performance } from 'node:perf_hooks';
import { eventually } from '../e2e/support/eventually.ts';
import { Throughline } from '../e2e/support/throughline.ts';
import { Traffic } from './generator.ts';
import { round } from './numbers.ts';
import { ProcessTree } from './processes.ts';
import { load } from './senders.ts';
import { serviceNames } from './shop.ts';

export const options = { spans: 10_000_000, runs: 20 };
type Options = typeof options;

interface Question {
  readonly question: string;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Of all the program's processes, per run. */
  readonly cpuMs: number;
  readonly answerBytes: number;
}

export interface QueryResult {
  readonly spans: number;
  readonly questions: readonly Question[];
}

const config = `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
exporters: {throughline: }
extensions: {throughline_query: {endpoint: "127.0.0.1:0"}}
service:
  extensions: [throughline_query]
  telemetry: {metrics: {address: "127.0.0.1:0"}}
  pipelines: {traces: {receivers: [otlp], exporters: [throughline]}}
`;

export async function run({ spans, runs }: Options = options): Promise<QueryResult> {
  const program = await Throughline.start({ config });
  try {
    const startMs = Date.now();
    const url = new URL(program.url('OTLP/HTTP')).origin;
    const { acknowledged } = await load({ protocol: 'http', url, traffic: new Traffic({ startMs }), spans });
    const api = `${program.url('UI and API')}/throughline/v1/`;
    const stored = async () => (await ask<Status>(api, 'status')).spans.stored;
    await eventually(async () => (await stored()) >= acknowledged, 600_000);
    const processes = new ProcessTree(program.pid);
    await quiet(processes);
    const questions: Question[] = [];
    for (const [question, paths] of Object.entries(await questionsTo(api, startMs, runs)))
      questions.push(await measure(question, api, paths, processes));
    console.table(questions);
    return { spans: acknowledged, questions };
  } finally {
    await program.kill();
    program.remove();
  }
}

/** Until merges are done: two seconds in which the program hardly works. */
async function quiet(processes: ProcessTree): Promise<void> {
  let before = processes.cpuSeconds();
  await eventually(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const now = processes.cpuSeconds();
    const worked = now - before;
    before = now;
    return worked < 0.1;
  }, 300_000);
}

/** For each question, the paths of its runs. */
async function questionsTo(api: string, startMs: number, runs: number): Promise<Record<string, string[]>> {
  const range = { start: `${startMs - 1_000}000000` };
  const search = (query: Record<string, unknown>) =>
    `traces?${new URLSearchParams({
      ...range,
      ...Object.fromEntries(
        Object.entries(query).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
    }).toString()}`;
  const { traces } = await ask<SearchResult>(api, search({ sort: 'longest', limit: 200 }));
  const some = traces.filter((_, n) => n % Math.floor(traces.length / runs) === 0).slice(0, runs);
  const paths = await Promise.all(some.map(({ trace_id }) => urlPathOf(api, trace_id)));
  const services = Array.from({ length: runs }, (_, n) => serviceNames[n % serviceNames.length]!);
  return {
    'trace by id': some.map(({ trace_id }) => `traces/${trace_id}`),
    'timeline of a trace': some.map(({ trace_id }) => `traces/${trace_id}/timeline`),
    'newest 20': services.map((_, n) => search({ limit: 20 + n })),
    'newest 20 by service and minimum duration': services.map((service) =>
      search({ service, min_duration: 50_000_000 }),
    ),
    'newest 20 by service and http.response.status_code = 500': services.map((service) =>
      search({ service, conditions: [{ key: 'http.response.status_code', op: '=', value: 500 }] }),
    ),
    'by a rare attribute value': paths.map((value) =>
      search({ conditions: [{ key: 'url.path', op: '=', value }] }),
    ),
    'statistics of the newest 1,000 traces of a service': services.map(
      (service) => `statistics?${new URLSearchParams({ ...range, service }).toString()}`,
    ),
    'service map of the last hour': services.map((_, n) => `service-map?start=${startMs - n}000000`),
  };
}

async function urlPathOf(api: string, traceId: string): Promise<string> {
  const { spans } = await ask<Trace>(api, `traces/${traceId}`);
  const found = spans.flatMap(({ attributes }) => attributes.find(({ key }) => key === 'url.path') ?? []);
  return String(found[0]!.value);
}

async function measure(
  question: string,
  api: string,
  paths: readonly string[],
  processes: ProcessTree,
): Promise<Question> {
  const times: number[] = [];
  let bytes = 0;
  const cpu = processes.cpuSeconds();
  for (const path of paths) {
    const begun = performance.now();
    const response = await fetch(`${api}${path}`);
    bytes = (await response.arrayBuffer()).byteLength;
    times.push(performance.now() - begun);
    if (!response.ok) throw new Error(`${response.status} to ${path}`);
  }
  times.sort((a, b) => a - b);
  return {
    question,
    medianMs: round(times[times.length >> 1]!),
    slowestMs: round(times.at(-1)!),
    cpuMs: round(((processes.cpuSeconds() - cpu) * 1000) / paths.length),
    answerBytes: bytes,
  };
}

async function ask<T>(api: string, path: string): Promise<T> {
  const response = await fetch(`${api}${path}`);
  if (!response.ok) throw new Error(`${response.status} to ${path}: ${await response.text()}`);
  return (await response.json()) as T;
}
