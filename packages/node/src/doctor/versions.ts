import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Finding } from './report.ts';

interface Copy {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** Others that instrument the same modules. */
const rivals = [
  'dd-trace',
  'newrelic',
  'elastic-apm-node',
  '@sentry/node',
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/sdk-node',
];
const oldestNode = [20, 19] as const;

/** Versions in the application at `folder` that do not go together, and the version of Node. */
export function versionsIn(folder: string, node = process.versions.node): Finding[] {
  const copies = copiesUnder(folder);
  return [
    nodeVersion(node),
    api(copies, folder),
    lines(copies, folder),
    ...instrumentations(copies, folder),
    ...rivalsIn(copies),
  ];
}

function nodeVersion(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const old = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  return {
    check: 'versions',
    subject: 'Node',
    status: old ? 'problem' : 'ok',
    found: node,
    ...(old && { advice: `The oldest that is supported is ${oldestNode.join('.')}.` }),
  };
}

/** Copies of the API find each other through a global that the oldest and newest of a major version share, upwards only. */
function api(copies: readonly Copy[], folder: string): Finding {
  const own = ownApi();
  const found = copies.filter(({ name }) => name === '@opentelemetry/api');
  const deaf = found.filter(({ version }) => !canUse(version, own));
  const subject = '@opentelemetry/api';
  if (deaf.length > 0)
    return {
      check: 'versions',
      subject,
      status: 'problem',
      found: `${listed(deaf, folder)} cannot use the tracing that ${own} registers: what is made through it is lost`,
      advice: `Make all of them ${own} (npm ls @opentelemetry/api; "overrides" in package.json).`,
    };
  const several = new Set(found.map(({ version }) => version)).size > 1;
  return {
    check: 'versions',
    subject,
    status: 'ok',
    found: several ? `${listed(found, folder)}; they go together` : own,
  };
}

/** The one with which this package registers its tracing. */
function ownApi(): string {
  const file = createRequire(import.meta.url).resolve('@opentelemetry/api');
  const folder = file.slice(0, file.lastIndexOf(join('@opentelemetry', 'api')) + '@opentelemetry/api'.length);
  return copyAt('@opentelemetry/api', folder)[0]?.version ?? '';
}

/** A copy can use what one of the same major version, and of no older minor version, has registered. */
function canUse(version: string, registered: string): boolean {
  const [major, minor = 0] = version.split('.').map(Number);
  const [ownMajor, ownMinor = 0] = registered.split('.').map(Number);
  return major === ownMajor && minor <= ownMinor;
}

/** The SDK of line 3 wants another API than that of line 2. */
function lines(copies: readonly Copy[], folder: string): Finding {
  const sdk = copies.filter(({ name }) =>
    /^@opentelemetry\/(core|resources|sdk-trace|sdk-trace-base)$/.test(name),
  );
  const majors = new Set(sdk.map(({ version }) => version.split('.')[0]));
  const subject = 'OpenTelemetry SDK';
  if (majors.size <= 1) return { check: 'versions', subject, status: 'ok', found: `${[...majors].join()}.x` };
  return {
    check: 'versions',
    subject,
    status: 'warning',
    found: `lines ${[...majors].join(' and ')} side by side: ${listed(
      sdk.filter(({ version }) => !version.startsWith('2.')),
      folder,
    )}`,
    advice: 'Take packages of one line: 2.x with 0.2xx, or 3.x with 0.30x.',
  };
}

/** Two copies of an instrumentation patch the same module twice. */
function instrumentations(copies: readonly Copy[], folder: string): Finding[] {
  const names = [
    ...new Set(
      copies.map(({ name }) => name).filter((name) => /^@opentelemetry\/instrumentation-/.test(name)),
    ),
  ];
  return names.flatMap((name): Finding[] => {
    const own = copies.filter((each) => each.name === name);
    if (own.length <= 1) return [];
    return [
      {
        check: 'versions',
        subject: name,
        status: 'warning',
        found: `${own.length} copies: ${listed(own, folder)}`,
        advice: 'Where both are switched on, each call has two spans: remove one.',
      },
    ];
  });
}

const rivalsIn = (copies: readonly Copy[]): Finding[] =>
  copies
    .filter(({ name }) => rivals.includes(name))
    .map(({ name, version }) => ({
      check: 'versions',
      subject: name,
      status: 'warning',
      found: `${version} is installed too`,
      advice: 'Where it is started beside @throughline/node, both patch the same modules: start one.',
    }));

const listed = (copies: readonly Copy[], folder: string): string =>
  copies.map(({ version, folder: own }) => `${version} in ${relative(folder, own) || '.'}`).join(', ');

/** Packages that matter here, in `folder` and what is above it, at every depth; each folder once. */
function copiesUnder(folder: string): Copy[] {
  const here = copiesIn(join(folder, 'node_modules'));
  return dirname(folder) === folder ? here : [...here, ...copiesUnder(dirname(folder))];
}

function copiesIn(modules: string): Copy[] {
  const names = entriesOf(modules).flatMap((name) =>
    name.startsWith('@')
      ? entriesOf(join(modules, name)).map((each) => `${name}/${each}`)
      : name.startsWith('.')
        ? []
        : [name],
  );
  return names.flatMap((name) => {
    const folder = join(modules, name);
    const own = name.startsWith('@opentelemetry/') || rivals.includes(name) ? copyAt(name, folder) : [];
    return [...own, ...copiesIn(join(folder, 'node_modules'))];
  });
}

function copyAt(name: string, folder: string): Copy[] {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return [{ name, version, folder }];
  } catch {
    return [];
  }
}

/** Links lead to packages of the same repository, or in circles. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}
