import { parseArgs } from 'node:util';
import { doctor } from './doctor.ts';
import { printReport } from './report.ts';
import { kindOf } from './targets.ts';

const doctorUsage = `Looks for what keeps a trace from being whole.

Usage:
  throughline doctor [options] [URL…]

Sends a marked probe through each hop that is named, else through those that variables like REDIS_URL, NATS_URL,
KAFKA_BROKERS and SERVER_URL tell of. A URL alone is taken by its scheme: http, https, grpc, redis, rediss, nats, kafka.
Run it with the environment of the service that is to be examined.

  --http URL           ask with GET
  --grpc HOST:PORT     ask for its health, or with /package.Service/Method behind it call that with an empty message
  --redis URL          publish and subscribe on a channel of the probe's own
  --nats URL           publish and subscribe on a subject of the probe's own
  --kafka HOST:PORT    look at the brokers, with the kafkajs of the current folder
  --topic TOPIC        send a message through this topic of Kafka
  --api URL            where Throughline shows traces; without one THROUGHLINE_URL, else port 16686 where spans go
  --wait SECONDS       how long to wait for the spans of services (8)
  --json               the report as JSON

Ends with 1 where there is a problem.
`;

const options = {
  http: { type: 'string', multiple: true },
  grpc: { type: 'string', multiple: true },
  redis: { type: 'string', multiple: true },
  nats: { type: 'string', multiple: true },
  kafka: { type: 'string', multiple: true },
  topic: { type: 'string' },
  api: { type: 'string' },
  wait: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command `doctor` with these arguments: writes its report and resolves with the status to exit with. */
export async function doctorCommand(args: readonly string[], write: (text: string) => void): Promise<number> {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    write(`${(error as Error).message}\n\n${doctorUsage}`);
    return 2;
  }
  const { json, help, wait, ...given } = values;
  if (help) {
    write(doctorUsage);
    return 0;
  }
  const report = await doctor({ ...given, ...(wait !== undefined && { waitMs: wait * 1000 }) });
  write(json ? `${JSON.stringify(report, undefined, 2)}\n` : printReport(report));
  return report.ok ? 0 : 1;
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    strict: true,
    allowPositionals: true,
  });
  const wait = values.wait === undefined ? undefined : Number(values.wait);
  if (wait !== undefined && !(wait >= 0)) throw new Error(`--wait is ${values.wait}, expected seconds`);
  for (const kind of ['http', 'redis', 'nats'] as const)
    for (const each of values[kind] ?? [])
      if (!URL.canParse(each)) throw new Error(`--${kind} is ${each}, expected a URL`);
  if (values.api !== undefined && !URL.canParse(values.api))
    throw new Error(`--api is ${values.api}, expected a URL`);
  for (const each of positionals) {
    const kind = kindOf(each);
    if (!kind) throw new Error(`${each} is not a URL of http, https, grpc, redis, rediss, nats or kafka`);
    values[kind] = [...(values[kind] ?? []), each];
  }
  return { ...values, wait };
}
