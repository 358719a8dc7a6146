import { logsToJson, tracesToJson } from '@throughline/wire';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  type Received,
  type SeenLog,
  type SeenSpan,
  type TelemetryReceiver,
  kinds,
} from './telemetry-receiver.ts';

// OTLP/JSON, as far as it is read here.
interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: Value[] };
}
interface KeyValue {
  key: string;
  value: Value;
}
interface Resource {
  resource?: { attributes?: KeyValue[] };
}
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  events?: { name: string; timeUnixNano: string; attributes?: KeyValue[] }[];
  status?: { code?: number; message?: string };
  flags?: number;
}
interface OtlpLog {
  traceId?: string;
  spanId?: string;
  timeUnixNano: string;
  body?: Value;
  severityNumber?: number;
  attributes?: KeyValue[];
}
interface TraceRequest {
  resourceSpans?: (Resource & { scopeSpans: { spans: OtlpSpan[] }[] })[];
}
interface LogRequest {
  resourceLogs?: (Resource & { scopeLogs: { logRecords: OtlpLog[] }[] })[];
}

/** Receives OTLP over HTTP, JSON if it may choose, and keeps what it got; `port` 0 is any that is free. */
export async function otlpSink(port = 0): Promise<TelemetryReceiver & { all: Received }> {
  const all: Received = { spans: [], logs: [] };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      all.spans.push(...spansIn(body as TraceRequest));
      all.logs.push(...logsIn(body as LogRequest));
      if (isJson(request)) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      else response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    all,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
    trace: async (traceId) => ({
      spans: all.spans.filter((span) => span.traceId === traceId),
      logs: all.logs.filter((log) => log.traceId === traceId),
    }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  if (isJson(request)) return JSON.parse(body.toString());
  return JSON.parse(request.url?.endsWith('/v1/logs') ? logsToJson(body) : tracesToJson(body));
}

const isJson = ({ headers }: IncomingMessage): boolean => headers['content-type'] === 'application/json';

function spansIn({ resourceSpans = [] }: TraceRequest): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(plain(resource?.attributes)['service.name']),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: kinds[span.kind ?? 0] ?? 'unspecified',
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        error: span.status?.code === 2,
        message: span.status?.message ?? '',
        attributes: plain(span.attributes),
        remoteParent: ((span.flags ?? 0) & 0x200) !== 0,
        events: (span.events ?? []).map((event) => ({
          name: event.name,
          time: BigInt(event.timeUnixNano),
          attributes: plain(event.attributes),
        })),
      })),
    ),
  );
}

function logsIn({ resourceLogs = [] }: LogRequest): SeenLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((log) => ({
        service: String(plain(resource?.attributes)['service.name']),
        traceId: log.traceId ?? '',
        spanId: log.spanId ?? '',
        time: BigInt(log.timeUnixNano),
        body: log.body?.stringValue ?? '',
        severity: log.severityNumber ?? 0,
        attributes: plain(log.attributes),
      })),
    ),
  );
}

function plain(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: Value): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue);
}
