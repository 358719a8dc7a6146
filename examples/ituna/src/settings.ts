import { parse } from 'ini';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const usual = fileURLToPath(new URL('../ituna-config.ini', import.meta.url));
const files = [usual, process.env['ITUNA_CONFIG'] ?? usual];
const sections = files.map(
  (file) => parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string | boolean> | undefined>,
);

/** What ituna-config.ini says. A value that makes no sense stops the service at its start. */
export const settings = {
  brokers: (process.env['KAFKA_BROKERS'] ?? `${text('queue', 'host')}:${text('queue', 'port')}`).split(','),
  ackTimeoutMs: number('queue', 'ack-timeout-ms'),
  otlpEndpoint: `http://${text('jaeger-exporter', 'host')}:${text('jaeger-exporter', 'port')}`,
  /** Empty: the traces are sent. */
  traceFile: besideIni(process.env['ITUNA_TRACE_FILE'] ?? text('jaeger-exporter', 'file')),
  initialOrders: text('initial-order', 'queue-topic'),
  kitchenOrders: text('kitchen-queue', 'queue-topic'),
  delayMs: {
    website: number('simulated-delays', 'website-ordering'),
    onSite: number('simulated-delays', 'on-site-ordering'),
    direct: number('simulated-delays', 'direct-kitchen-ordering'),
    address: number('simulated-delays', 'order-validation-address'),
    name: number('simulated-delays', 'order-validation-name'),
    inventory: number('simulated-delays', 'order-validation-inventory'),
    publish: number('simulated-delays', 'order-validation-pub'),
    kitchen: number('simulated-delays', 'kitchen-service'),
  },
  pauseMs: number('ordering', 'pause-ms'),
  tracing: (process.env['ITUNA_TRACING'] ?? oneOf('tracing', 'enabled', ['on', 'off'])) !== 'off',
  kitchenParent: oneOf('tracing', 'kitchen-parent', ['sibling', 'chain']),
  serviceNames: oneOf('tracing', 'service-names', ['per-process', 'one']),
  kinds: oneOf('tracing', 'kinds', ['messaging', 'internal']),
  /** Empty: no file. */
  logFile: besideIni(process.env['ITUNA_LOG'] ?? text('log', 'file')),
};

/** Where a file is that is named without a folder. */
function besideIni(file: string): string {
  return file && resolve(dirname(usual), file);
}

function text(section: string, key: string): string {
  const values = sections.map((all) => all[section]?.[key]);
  return String(values.findLast((value) => value !== undefined) ?? '');
}

function number(section: string, key: string): number {
  const value = Number(text(section, key));
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${files[1]}: [${section}] ${key} = ${text(section, key)} is not a number of milliseconds`);
}

function oneOf<const Choice extends string>(
  section: string,
  key: string,
  choices: readonly Choice[],
): Choice {
  const value =
    text(section, key) === '' ? choices[0] : choices.find((each) => each === spelled(section, key));
  if (value !== undefined) return value;
  throw new Error(
    `${files[1]}: [${section}] ${key} = ${text(section, key)} is none of ${choices.join(', ')}`,
  );
}

/** The format reads `true` and `false` as what they are elsewhere. */
function spelled(section: string, key: string): string {
  return { true: 'on', false: 'off' }[text(section, key)] ?? text(section, key);
}
