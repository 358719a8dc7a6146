import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { InvalidData, Overloaded } from '@throughline/model';
import type { Batch, ImportReport } from '@throughline/wire';
import { setTimeout } from 'node:timers/promises';
import { ImportResult } from '../api/import-schemas.ts';
import { NoParameters } from '../api/parameters.ts';
import type { ImportResult as Result, Problem } from '../api/types.ts';
import type { Intake } from '../import/intake.ts';
import { runImport } from '../import/run-import.ts';
import { summaryJson } from '../json.ts';
import type { ApiOptions } from '../options.ts';
import { Refusal } from '../problems.ts';
import { answers, notJson, tooLarge } from './answers.ts';

/** Of one document, unpacked: JSON lines have no such limit as a whole. */
const maxDocumentBytes = 256 * 2 ** 20;
const storedWithinMs = 15_000;
/** How long a full journal is waited for. */
const patienceMs = 30_000;

const file = { schema: z.string().openapi({ format: 'binary' }) };
const route = createRoute({
  method: 'post',
  path: '/import',
  operationId: 'importFile',
  summary: 'Store the traces and log records of a file',
  description: `The body is the file: OTLP/JSON, the JSON of Jaeger or of Zipkin (version 2 or 1), or a trace as this API gives it; one document, or one in
each line, as the Collector's file exporter writes them; plain or in gzip. What it is is seen by its content. The data goes
the way of received data. A span or a log
record that is stored already is left out. A span or a line that
cannot be used is left out and named in \`problems\`. Age does not matter: retention goes by when data was taken. A document
may be up to 256 MiB, JSON lines as a whole any size. \`Content-Type\` must not be one that a web form sends.`,
  request: {
    query: NoParameters,
    body: {
      required: true,
      content: { 'application/octet-stream': file, 'application/x-ndjson': file, 'application/gzip': file },
    },
  },
  responses: {
    ...answers(ImportResult, 'What became of the file.'),
    413: tooLarge,
    415: notJson,
  },
});

export function addImportRoute(app: OpenAPIHono, { store, intake }: ApiOptions): void {
  /** One file after the other: each may take much memory. */
  let turn: Promise<unknown> = Promise.resolve();
  app.openapi(route, async (c) => {
    refuseForms(c.req.header('Content-Type'), c.req.header('Origin'));
    if (!intake) throw new Refusal(503, 'Nothing is stored here.');
    const { body, signal } = c.req.raw;
    const mine = turn.then(() => importFile(body, signal));
    turn = mine.catch(() => {});
    return c.json(await mine, 200);
  });

  async function importFile(body: ReadableStream<Uint8Array> | null, abort: AbortSignal): Promise<Result> {
    abort.throwIfAborted();
    const unkept = { traces: 0, logs: 0 };
    const { report, failure } = await runImport(
      body ?? nothing(),
      { maxDocumentBytes },
      {
        abort,
        known: (traceIds) => store.knownSpans(traceIds, { abort }),
        knownLogs: (times) => store.knownLogs(times, { abort }),
        async take(batch) {
          if (intake!.keeps(batch.signal)) await takeInTime(intake!, batch, abort);
          else unkept[batch.signal] += batch.items;
        },
      },
    ).catch((error: unknown) => {
      throw error instanceof InvalidData ? new Refusal(413, error.message) : error;
    });
    const problems = problemsOf(report, failure, unkept);
    const [spans, logs] = [report.spans - unkept.traces, report.logs - unkept.logs];
    if (spans + logs + report.known + report.knownLogs === 0 && problems.length > 0)
      throw useless(problems, Math.max(report.problemCount, problems.length));
    const stored = await intake!.stored(storedWithinMs);
    const summaries = await store.summaries(report.traceIds, { conditions: [] }, { abort });
    return {
      formats: [...report.formats],
      spans,
      logs,
      known_spans: report.known,
      known_logs: report.knownLogs,
      unused_documents: report.unused,
      trace_count: report.traces,
      traces: summaries.map(summaryJson),
      ...(report.logTimes && {
        log_start: String(report.logTimes[0]),
        log_end: String(report.logTimes[1]),
      }),
      stored,
      problems,
      problem_count: report.problemCount + problems.length - report.problems.length,
    };
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/**
 * A page of another site can have a browser send what a form sends, and nothing else without asking. A browser then says
 * where the page is from; who is none does not.
 */
function refuseForms(contentType: string | undefined, origin: string | undefined): void {
  if (origin === undefined) return;
  const type = contentType?.split(';')[0]!.trim().toLowerCase();
  if (type && !/^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)$/.test(type)) return;
  throw new Refusal(415, 'Send the file as application/octet-stream or application/json.');
}

async function takeInTime(intake: Intake, batch: Batch, abort: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ;) {
    try {
      return await intake.take(batch);
    } catch (error) {
      if (!(error instanceof Overloaded)) throw error;
      if (Date.now() > deadline) throw new Refusal(503, `There is no room: ${error.message}`);
      await setTimeout(Math.min(error.retryAfterMs, 1_000), undefined, { signal: abort });
    }
  }
}

function problemsOf(
  report: ImportReport,
  failure: string | undefined,
  unkept: { traces: number; logs: number },
): Result['problems'] {
  const nobody = (count: number, what: string) =>
    count === 0 ? [] : [{ place: '', message: `no pipeline here stores ${what}: ${count} left out` }];
  return [
    ...report.problems,
    ...nobody(unkept.traces, 'spans'),
    ...nobody(unkept.logs, 'log records'),
    ...(failure === undefined ? [] : [{ place: '', message: failure }]),
  ];
}

/** Nothing in the file could be used. */
function useless(problems: Result['problems'], count: number): Refusal {
  const [first] = problems;
  const others = count > 1 ? ` There are ${count - 1} more problems.` : '';
  const errors: Problem['errors'] = problems.map(({ place, message }) => ({
    in: 'body',
    name: place,
    message,
  }));
  const said = first!.place === '' ? first!.message : `${first!.place}: ${first!.message}`;
  return new Refusal(400, `${said}.${others}`, errors);
}
