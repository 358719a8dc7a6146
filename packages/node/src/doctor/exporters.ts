import { type OtlpTarget, otlpTargetFromEnv } from '../export/otlp-target.ts';
import { openSender } from '../export/open-sender.ts';
import { variablesNow, withVariables } from '../setup/config-file/variables.ts';
import type { Config } from '../setup/config.ts';
import { type OtlpProtocol, exporterNames, otlpProtocol } from '../setup/exporters.ts';
import type { Signal } from '../setup/signal.ts';
import { clockDifference } from './clock.ts';
import { ask } from './http.ts';
import { Unreachable, reach } from './reach.ts';
import type { Finding } from './report.ts';

/** Where spans or log records go. */
export interface Destination {
  readonly signal: Signal;
  readonly protocol: OtlpProtocol;
  readonly target: OtlpTarget;
}

const timeoutMs = 5000;

/** The OTLP exporters in force, and findings about those that are none. */
export function destinations(config: Config): { otlp: Destination[]; findings: Finding[] } {
  const all = (['TRACES', 'LOGS'] as const).map((signal) => ({
    signal,
    names: config.processors(signal, () =>
      exporterNames(signal).map((name) => ({ name, otlp: destinationNow(signal) })),
    ),
  }));
  const nothing = all.find(({ signal, names }) => signal === 'TRACES' && names.length === 0);
  return {
    otlp: all.flatMap(({ names }) => names.flatMap(({ name, otlp }) => (name === 'otlp' ? [otlp] : []))),
    findings: nothing
      ? [
          {
            check: 'exporter',
            subject: 'traces',
            status: 'problem',
            found: 'there is no exporter, so spans go nowhere',
            advice: 'Unset OTEL_TRACES_EXPORTER, or set it to otlp.',
          },
        ]
      : [],
  };
}

function destinationNow(signal: Signal): Destination {
  const protocol = otlpProtocol(signal);
  const wire = protocol === 'grpc' ? 'grpc' : 'http/protobuf';
  if (signal === 'TRACES') return { signal, protocol, target: otlpTargetFromEnv(wire) };
  // The same rules, with the other signal's names.
  const variables = Object.entries(variablesNow()).filter(
    ([name]) => !name.startsWith('OTEL_EXPORTER_OTLP_TRACES_'),
  );
  const own = variables.map(
    ([name, value]) => [name.replace('_OTLP_LOGS_', '_OTLP_TRACES_'), value] as const,
  );
  const target = withVariables(Object.fromEntries(own), () => otlpTargetFromEnv(wire));
  if (variablesNow()['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'] === undefined)
    target.url.pathname = target.url.pathname.replace(/\/v1\/traces$/, '/v1/logs');
  return { signal, protocol, target };
}

/** Tries each destination for real: spans go with `request`, of log records none. */
export async function tryDestination(destination: Destination, request: Buffer): Promise<Finding[]> {
  const { signal, protocol, target } = destination;
  const { url, tls } = target;
  const what = signal === 'TRACES' ? 'traces' : 'logs';
  const finding = { check: 'exporter', subject: `${what} to ${addressOf(url)} (${protocol})` } as const;
  try {
    const secure = url.protocol === 'https:';
    const port = Number(url.port) || (secure ? 443 : 80);
    await reach(
      url.hostname,
      port,
      timeoutMs,
      secure ? { ...tls, ...(protocol === 'grpc' && { ALPNProtocols: ['h2'] }) } : undefined,
    );
    if (protocol === 'grpc') return [{ ...finding, ...(await overGrpc(destination, request)) }];
    const answer = await ask(url, {
      method: 'POST',
      timeoutMs,
      ...tls,
      headers: {
        ...target.headers,
        'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      },
      body: protocol === 'http/json' ? '{}' : signal === 'TRACES' ? request : Buffer.alloc(0),
    });
    return [
      { ...finding, ...judged(answer.status, answer.text) },
      ...clockDifference(addressOf(url), answer),
    ];
  } catch (error) {
    return [{ ...finding, ...unanswered(error) }];
  }
}

type Judged = Pick<Finding, 'status' | 'found' | 'advice'>;

async function overGrpc({ signal, target }: Destination, request: Buffer): Promise<Judged> {
  if (signal === 'LOGS') return { status: 'ok', found: 'it listens' };
  const sender = openSender({ ...target, timeoutMs });
  // The sender's connection keeps no process alive.
  const alive = setInterval(() => {}, timeoutMs);
  const answer = await sender.send(request);
  clearInterval(alive);
  sender.close();
  if (answer.kind === 'taken') return { status: 'ok', found: 'it took the spans of the probe' };
  const { message } = answer.why;
  const advice = /UNAUTHENTICATED|PERMISSION|status (7|16)/.test(message)
    ? 'It wants other headers: see OTEL_EXPORTER_OTLP_HEADERS.'
    : 'Is it a port for OTLP over HTTP (usually 4318)? Then set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.';
  return { status: 'problem', found: message, advice };
}

function judged(status: number, text: string): Judged {
  if (status >= 200 && status < 300) return { status: 'ok', found: `it took the probe (HTTP ${status})` };
  const said = /[<{]/.test(text[0] ?? '<') ? '' : `: ${text.slice(0, 100).trim()}`;
  return { status: 'problem', found: `it answers HTTP ${status}${said}`, advice: adviceFor(status) };
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return 'It wants other headers: see OTEL_EXPORTER_OTLP_HEADERS.';
  if (status === 404 || status === 405)
    return 'The path is wrong: to OTEL_EXPORTER_OTLP_ENDPOINT /v1/traces is added; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is.';
  if (status === 415) return 'It takes another encoding: see OTEL_EXPORTER_OTLP_PROTOCOL.';
  if (status === 429 || status >= 500) return 'It is there, but cannot take anything now: look at its log.';
  return 'It does not take what OpenTelemetry sends: is it a receiver of OTLP?';
}

function unanswered(error: unknown): Judged {
  if (error instanceof Unreachable) return { status: 'problem', found: error.message, advice: error.advice };
  const { code = '', message } = error as NodeJS.ErrnoException;
  const advice = /^HPE_|ECONNRESET/.test(code)
    ? 'Is it a port for OTLP over gRPC (usually 4317)? Then set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.'
    : 'It takes connections, but does not answer: look at its log.';
  return { status: 'problem', found: `no answer (${code || message})`, advice };
}

/** Without what is nobody's business. */
const addressOf = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;
