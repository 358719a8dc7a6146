import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Broker } from 'throughline-brokers';
import { accepts, portFor } from './ports.ts';

export interface ServiceOptions {
  /** What it is called; default: the name of its file. */
  readonly as?: string;
  readonly args?: readonly string[];
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[];
  /** It does its work and ends; default: it is expected to run until it is told to end. */
  readonly ends?: boolean;
  /** The others need it until they have ended. */
  readonly last?: boolean;
}

/** Services have this long to end after SIGTERM. */
const patienceMs = 2800;
/** A service that somebody has ended, to see what happens, is started again after this long. */
const restartMs = Number(process.env['RESTART_MS'] ?? 20_000);

/** The services and brokers of a running example. */
export class Stage {
  /** Where the OTLP receiver is. */
  readonly endpoint = new URL(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4318');
  /** A new folder, removed at the end. */
  readonly folder: string;
  readonly #name: string;
  readonly #end: (code: number) => Promise<void>;
  /** And whether it is to end last. */
  readonly #children = new Map<ChildProcess, boolean>();
  readonly #brokers: Broker[] = [];
  #closed = false;

  constructor(name: string, end: (code: number) => Promise<void>) {
    this.#name = name;
    this.#end = end;
    this.folder = mkdtempSync(join(tmpdir(), `${name}-`));
  }

  /** One line to whoever started the example. */
  say(text: string): void {
    process.stdout.write(`${this.#name}: ${text}\n`);
  }

  /** Waits until the OTLP receiver listens. */
  async otlp(): Promise<void> {
    const { hostname, port, protocol } = this.endpoint;
    await this.listens(hostname, Number(port || (protocol === 'https:' ? 443 : 80)));
  }

  /** Waits, for ever, until something listens there; after a second it says so. */
  async listens(host: string, port: number): Promise<void> {
    const timer = setTimeout(() => this.say(`waits for ${host}:${port} to listen`), 1000);
    while (!this.#closed && !(await accepts(host.replace(/^\[(.*)\]$/, '$1'), port))) await delay(50);
    clearTimeout(timer);
  }

  /** What the variable says; else the usual port, or any other where that is taken. */
  port(variable: string, usual: number): Promise<number> {
    return portFor(variable, usual);
  }

  /** Starts a broker, such as `redis` of throughline-brokers; it ends after the services. */
  async broker(start: () => Promise<Broker>): Promise<Broker> {
    const broker = await start();
    if (this.#closed) await broker.stop();
    else this.#brokers.push(broker);
    return broker;
  }

  /**
   * Starts the service whose file, without extension, is `file`: a path relative to the file that runs, or absolute.
   * It gets this process's environment and `env`, and the channel `process.once('disconnect')` tells it when this
   * process has gone. Its log is shown where LOGS=1 says so. Killed, or asked to end, it is started again
   * after 20 s (RESTART_MS); one that fails ends the example.
   */
  service(file: string, env: Readonly<Record<string, string>> = {}, options: ServiceOptions = {}): void {
    if (this.#closed) return;
    const name = options.as ?? file;
    const started = pathToFileURL(process.argv[1] ?? '');
    const path = fileURLToPath(
      new URL(extname(file) ? file : `${file}${extname(started.pathname)}`, started),
    );
    // The services log each request; in one terminal with others only what goes wrong is of interest.
    const log = process.env['LOGS'] === '1' ? 'inherit' : 'ignore';
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...(options.nodeArgs ?? []), path, ...(options.args ?? [])],
      { env: { ...soon, ...process.env, ...env }, stdio: ['ignore', log, 'inherit', 'ipc'] },
    );
    this.#children.set(child, options.last ?? false);
    child.once('exit', (code, signal) => {
      this.#children.delete(child);
      if (this.#closed || (options.ends && code === 0)) return;
      if (signal || code === 0) {
        this.say(`${name} was ended (${signal ?? 'as asked'}); it is started again in ${restartMs / 1000} s`);
        setTimeout(() => this.service(file, env, options), restartMs);
      } else {
        process.stderr.write(`${this.#name}: ${name} has ended by itself (exit code ${code})\n`);
        void this.#end(1);
      }
    });
  }

  /** Ends all services, those that others need last, then the brokers. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#endChildren(false);
    await this.#endChildren(true);
    await Promise.all(this.#brokers.map((broker) => broker.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #endChildren(those: boolean): Promise<void> {
    const living = [...this.#children].filter(([, last]) => last === those).map(([child]) => child);
    const ended = Promise.all(living.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    for (const child of living) child.kill('SIGTERM');
    await Promise.race([ended, delay(patienceMs, undefined, { ref: false })]);
    for (const child of living) if (this.#children.has(child)) child.kill('SIGKILL');
  }
}

/** Who starts an example wants to see something. */
const soon = { OTEL_BSP_SCHEDULE_DELAY: '500', OTEL_BLRP_SCHEDULE_DELAY: '500' };
