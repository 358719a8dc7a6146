import type { TextMapPropagator } from '@opentelemetry/api';
import type { Config } from '../setup/config.ts';
import type { Finding } from './report.ts';

/** What decides whether there are spans, and which headers carry their context; asked for by `file` or by variables. */
export function settingsInForce(
  config: Config,
  propagator: TextMapPropagator,
  file: string | undefined,
): Finding[] {
  const from = file === undefined ? '' : `, from ${file}`;
  if (config.disabled)
    return [
      {
        check: 'settings',
        subject: 'tracing',
        status: 'problem',
        found: `off${from}`,
        advice:
          file === undefined ? 'Unset OTEL_SDK_DISABLED.' : 'Mend the file that OTEL_CONFIG_FILE names.',
      },
    ];
  return [sampler(config, from), propagators(propagator, from)];
}

function sampler(config: Config, from: string): Finding {
  const name = String(config.sampler(serviceName(config)));
  const root = /^ParentBased\{root=(.*?), remoteParentSampled=/.exec(name)?.[1] ?? name;
  const none = !config.traces || /^AlwaysOff|\{0\}/.test(root);
  return {
    check: 'settings',
    subject: 'sampler',
    status: none ? 'problem' : 'ok',
    found: config.traces ? `${readable(name, root)}${from}` : `there is no tracer provider${from}`,
    ...(none && {
      advice: 'No trace that begins here is recorded: set OTEL_TRACES_SAMPLER=parentbased_always_on.',
    }),
  };
}

/** Of a sampler that follows the parent in the usual way, what is its own. */
const readable = (name: string, root: string): string =>
  name.endsWith(usualParents) ? `${root}, where there is no parent that decides` : name;

const usualParents =
  'remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}';

export const serviceName = (config: Config): string => String(config.describe({}).attributes['service.name']);

function propagators(propagator: TextMapPropagator, from: string): Finding {
  const fields = propagator.fields();
  const finding = { check: 'settings', subject: 'propagators' } as const;
  if (fields.length === 0)
    return {
      ...finding,
      status: 'problem',
      found: `none${from}`,
      advice: 'No context leaves or enters: set OTEL_PROPAGATORS=tracecontext,baggage.',
    };
  const found = `${fields.join(', ')}${from}`;
  if (fields.includes('traceparent')) return { ...finding, status: 'ok', found };
  return {
    ...finding,
    status: 'warning',
    found,
    advice: 'Services with the usual settings read traceparent alone: add tracecontext to OTEL_PROPAGATORS.',
  };
}
