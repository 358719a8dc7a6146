import type { DoctorOptions } from './options.ts';

/** A way that a context may go, and where the doctor knows it from. */
export interface Target {
  readonly kind: 'http' | 'grpc' | 'redis' | 'nats' | 'kafka';
  readonly address: string;
  readonly from: string;
}

const named =
  /(^|_)(URLS?|URI|ADDR|ADDRESS|ENDPOINT|BACKEND|SERVER|GATEWAY|FRONTEND|BROKERS|BOOTSTRAP_SERVERS)$/;
/** Not of the application: of OpenTelemetry, of this package, of tools, clouds and proxies. */
const others =
  /^(OTEL_|THROUGHLINE_|NPM_|NODE_|GIT_|GITHUB_|ACTIONS_|RUNNER_|CI_|VSCODE_|AWS_|ECS_|AZURE_|GOOGLE_|PIP_|UV_)|PROXY|REGISTRY|METADATA/i;
const schemes: Record<string, Target['kind']> = {
  'http:': 'http',
  'https:': 'http',
  'redis:': 'redis',
  'rediss:': 'redis',
  'nats:': 'nats',
  'grpc:': 'grpc',
  'kafka:': 'kafka',
};

/** Every hop that is given, and where none is, those that the environment tells of. */
export function targetsOf(
  options: DoctorOptions,
  env: Readonly<Record<string, string | undefined>>,
): Target[] {
  const given = (['http', 'grpc', 'redis', 'nats', 'kafka'] as const).flatMap((kind) =>
    (options[kind] ?? []).map((address) => ({ kind, address, from: `--${kind}` })),
  );
  if (given.length > 0) return given;
  const found = Object.entries(env).flatMap(([name, value]) => (value ? inVariable(name, value) : []));
  return found.filter((each, index) => found.findIndex(({ address }) => address === each.address) === index);
}

/** What speaks at an address with a scheme: `http://…`, `redis://…`; undefined where nothing does that is known. */
export const kindOf = (address: string): Target['kind'] | undefined =>
  schemes[URL.canParse(address) ? new URL(address).protocol : ''];

function inVariable(name: string, value: string): Target[] {
  if (others.test(name) || !named.test(name)) return [];
  const list = value.split(',').map((each) => each.trim());
  if (/KAFKA/.test(name)) return [{ kind: 'kafka', address: value, from: name }];
  return list.flatMap((address): Target[] => {
    const kind = kindOf(address);
    if (kind) return [{ kind, address, from: name }];
    return /GRPC/.test(name) && /^[\w.-]+:\d+$/.test(address) ? [{ kind: 'grpc', address, from: name }] : [];
  });
}
