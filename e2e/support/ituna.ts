import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce, repository } from './build.ts';

/** The processes of examples/ituna, in the order in which they are started. */
const processes = [
  'kitchen-service',
  'order-validation',
  'on-site-ordering',
  'website-ordering',
  'direct-kitchen-ordering',
] as const;
type Process = (typeof processes)[number];

/** Sections and keys of ituna-config.ini. */
export type Ini = Record<string, Record<string, string | number>>;

/** As in the original, but for the patience of a test. */
const quick: Ini = {
  'simulated-delays': {
    'website-ordering': 200,
    'on-site-ordering': 300,
    'direct-kitchen-ordering': 400,
    'order-validation-address': 40,
    'order-validation-name': 30,
    'order-validation-inventory': 60,
    'order-validation-pub': 20,
    'kitchen-service': 50,
  },
  ordering: { 'pause-ms': 300 },
};

let started = 0;

/** The example with topics and a log of its own. */
export class Ituna {
  readonly folder = mkdtempSync(join(tmpdir(), 'ituna-'));
  readonly topics: { initial: string; kitchen: string };
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Map<string, ChildProcess>();

  private constructor(brokers: string, env: Readonly<Record<string, string>>, ini: Ini) {
    const run = `${process.pid}-${started++}`;
    this.topics = { initial: `ituna-orders-${run}`, kitchen: `kitchen-orders-${run}` };
    const topics = {
      'initial-order': { 'queue-topic': this.topics.initial },
      'kitchen-queue': { 'queue-topic': this.topics.kitchen },
    };
    const config = join(this.folder, 'ituna.ini');
    writeFileSync(config, iniText({ ...quick, ...topics, ...withDefaults(ini) }));
    this.#env = {
      PATH: process.env['PATH'],
      KAFKA_BROKERS: brokers,
      ITUNA_CONFIG: config,
      ITUNA_LOG: join(this.folder, 'ituna.log'),
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      ...env,
    };
  }

  /** Nothing runs yet. */
  static async prepare(
    brokers: string,
    env: Readonly<Record<string, string>>,
    ini: Ini = {},
  ): Promise<Ituna> {
    await buildOnce();
    return new Ituna(brokers, env, ini);
  }

  start(...names: readonly Process[]): void {
    for (const name of names.length > 0 ? names : processes)
      this.#running.set(name, this.#spawn(`${name}.js`));
  }

  /** The command that starts all of them. */
  startAll(...args: readonly string[]): void {
    this.#running.set('run', this.#spawn('run.js', args));
  }

  #spawn(file: string, args: readonly string[] = []): ChildProcess {
    return spawn(process.execPath, [join(repository, 'examples', 'ituna', 'dist', file), ...args], {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** The exit code of a process that ends by itself. */
  async exit(name: Process): Promise<number | null> {
    const child = this.#running.get(name);
    if (!child) throw new Error(`${name} does not run`);
    if (child.exitCode !== null) return child.exitCode;
    return new Promise((resolve) => child.once('exit', resolve));
  }

  /** Asks a process to end, or kills it, and waits until it has. */
  async end(name: Process | 'run', signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#running.get(name);
    if (!child) throw new Error(`${name} does not run`);
    this.#running.delete(name);
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    return exited;
  }

  /** Ends what runs. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.end(name as Process)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Lines of ituna.log, of those that contain `text`; without time. */
  log(text = ''): string[] {
    try {
      return readFileSync(join(this.folder, 'ituna.log'), 'utf8')
        .split('\n')
        .filter((line) => line && line.includes(text))
        .map((line) => line.replace(/^\S+ - /, ''));
    } catch {
      return [];
    }
  }
}

const withDefaults = (ini: Ini): Ini =>
  Object.fromEntries(Object.entries(ini).map(([name, keys]) => [name, { ...quick[name], ...keys }]));

const iniText = (ini: Ini): string =>
  Object.entries(ini)
    .map(
      ([name, keys]) =>
        `[${name}]\n${Object.entries(keys)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}`,
    )
    .join('\n');
