import { eventually } from './eventually.ts';

/** A log record to send; without a trace id it is of no trace. */
export interface LogToSend {
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly body: string | object;
  /** OTLP's SeverityNumber; default 9, info. */
  readonly severity?: number;
  readonly severityText?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Sends the records as OTLP/JSON; throws unless they are taken. */
export async function sendLogRecords(otlpHttp: string, logs: readonly LogToSend[]): Promise<void> {
  const services = [...new Set(logs.map(({ service }) => service))];
  const resourceLogs = services.map((service) => ({
    resource: { attributes: [text('service.name', service), text('host.name', `${service}-7d9f`)] },
    scopeLogs: [
      {
        scope: { name: 'app.logger', version: '1.2' },
        logRecords: logs.filter((log) => log.service === service).map(otlpRecord),
      },
    ],
  }));
  const response = await fetch(`${otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs }),
  });
  if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`);
}

/** Waits until a server (its address of UI and API) has stored this many log records. */
export async function untilLogsStored(server: string, logs: number): Promise<void> {
  await eventually(async () => {
    const status = await fetch(`${server}/throughline/v1/status`);
    return ((await status.json()) as { logs: { stored: number } }).logs.stored >= logs;
  });
}

function otlpRecord(log: LogToSend): object {
  const nanos = `${Math.round(log.atMs * 1000)}000`;
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: log.severity ?? 9,
    severityText: log.severityText ?? '',
    body: anyValue(log.body),
    traceId: log.traceId ?? '',
    spanId: log.spanId ?? '',
    attributes: Object.entries(log.attributes ?? {}).map(([key, value]) => ({ key, value: anyValue(value) })),
  };
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function anyValue(value: string | number | boolean | object): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return {
    kvlistValue: {
      values: Object.entries(value).map(([key, each]) => ({ key, value: anyValue(each as string) })),
    },
  };
}
