import { ROOT_CONTEXT, SpanKind, context } from '@opentelemetry/api';
import { getStringFromEnv, suppressTracing } from '@opentelemetry/core';
import { configInForce } from '../setup/config-in-force.ts';
import type { Config } from '../setup/config.ts';
import { clockDifference } from './clock.ts';
import { type Destination, destinations, tryDestination } from './exporters.ts';
import { throughGrpc } from './grpc-hop.ts';
import { type Hop, failure } from './hop.ts';
import { throughHttp } from './http-hop.ts';
import { throughKafka } from './kafka-hop.ts';
import { throughNats } from './nats-hop.ts';
import type { DoctorOptions } from './options.ts';
import { Probe } from './probe.ts';
import { throughRedis } from './redis-hop.ts';
import type { Finding, Report } from './report.ts';
import { SeenTrace, withServices } from './seen-trace.ts';
import { settingsInForce } from './settings.ts';
import { type Target, targetsOf } from './targets.ts';
import { versionsIn } from './versions.ts';

const timeoutMs = 5000;

/** Never within the tracing of the application: its instrumentations would write over the probe. */
export const doctor = (options: DoctorOptions = {}): Promise<Report> =>
  context.with(suppressTracing(ROOT_CONTEXT), () => {
    const config = configInForce();
    return examine(config, options);
  });

async function examine(config: Config, options: DoctorOptions): Promise<Report> {
  const folder = options.folder ?? process.cwd();
  const propagator = config.within(() => config.propagator());
  const probe = new Probe(propagator);
  const { otlp, findings: unexported } = config.within(() => destinations(config));
  const file = getStringFromEnv('OTEL_CONFIG_FILE');
  const settings = config.within(() => settingsInForce(config, propagator, file));

  probe.end();
  const request = probe.request();
  const tried = await Promise.all(otlp.map((each) => tryDestination(each, request)));
  const hops = await Promise.all(
    targetsOf(options, process.env).map((target) => sendThrough(target, probe, { ...options, folder })),
  );
  for (const { sent } of hops) sent.span.end();
  await sendSpans(otlp, probe.request());
  const hopFindings = await whatServicesSay(hops, probe.traceId, otlp, options);

  const findings = [...settings, ...versionsIn(folder), ...unexported, ...tried.flat(), ...hopFindings];
  return {
    ok: findings.every(({ status }) => status !== 'problem'),
    traceId: probe.traceId,
    findings: oncePerClock(findings),
  };
}

function sendThrough(
  target: Target,
  probe: Probe,
  options: DoctorOptions & { folder: string },
): Promise<Hop> {
  const broker = target.kind === 'redis' || target.kind === 'nats' || target.kind === 'kafka';
  const sent = probe.send(`probe ${target.kind}`, broker ? SpanKind.PRODUCER : SpanKind.CLIENT);
  switch (target.kind) {
    case 'http':
      return throughHttp(target, sent, timeoutMs);
    case 'grpc':
      return throughGrpc(target, sent, timeoutMs);
    case 'redis':
      return throughRedis(target, probe, sent, timeoutMs);
    case 'nats':
      return throughNats(target, probe, sent, timeoutMs);
    case 'kafka':
      return throughKafka(target, probe, sent, { folder: options.folder, topic: options.topic, timeoutMs });
  }
}

/** That they can be sent has been tried. */
async function sendSpans(otlp: readonly Destination[], request: Buffer): Promise<void> {
  const traces = otlp.filter(({ signal }) => signal === 'TRACES');
  await Promise.all(traces.map((each) => tryDestination(each, request)));
}

/** Asks Throughline who has joined the trace, where a hop itself does not tell. */
async function whatServicesSay(
  hops: readonly Hop[],
  traceId: string,
  otlp: readonly Destination[],
  options: DoctorOptions,
): Promise<Finding[]> {
  const asked = hops.filter(({ askTrace }) => askTrace);
  const others = hops.filter(({ askTrace }) => !askTrace).map(({ finding }) => finding);
  if (asked.length === 0 && otlp.every(({ protocol }) => protocol !== 'grpc')) return others;
  const seen = new SeenTrace(options.api ?? process.env['THROUGHLINE_URL'] ?? usualApi(otlp));
  try {
    const clock = clockDifference(seen.address, await seen.status());
    const spans = asked.length > 0 ? await seen.spans(traceId, asked, options.waitMs ?? 8000) : [];
    const known = await Promise.all(asked.map((hop) => withServices(hop, spans, seen)));
    return [...clock, ...known.flat(), ...others];
  } catch (error) {
    return [...asked.map(({ finding }) => untold(finding, `${seen.address}: ${failure(error)}`)), ...others];
  }
}

function untold(finding: Finding, why: string): Finding {
  if (finding.status === 'problem' || finding.context) return finding;
  return {
    ...finding,
    status: 'warning',
    found: `${finding.found}; who joined the trace is not known, because Throughline cannot be asked (${why})`,
    advice: 'Name its address: --api http://host:16686.',
  };
}

/** Where Throughline usually shows what is sent to it. */
function usualApi(otlp: readonly Destination[]): string {
  const host = otlp.find(({ signal }) => signal === 'TRACES')?.target.url.hostname ?? 'localhost';
  return `http://${host}:16686`;
}

/** Receivers of spans and of log records are mostly one. */
const oncePerClock = (findings: readonly Finding[]): Finding[] =>
  findings.filter(
    ({ check, subject }, index) =>
      check !== 'clock' ||
      findings.findIndex((each) => each.check === 'clock' && hostIn(each.subject) === hostIn(subject)) ===
        index,
  );

const hostIn = (address: string): string => new URL(address).hostname;
