import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starts the collector of log entries, as rsyslog does, and writes to its standard input. */
export class Rsyslog {
  readonly #args: readonly string[];
  #collector: ChildProcess | undefined;

  constructor(configFolder: string | undefined) {
    const file = fileURLToPath(new URL(`../rsyslog-collector${extname(import.meta.url)}`, import.meta.url));
    this.#args = [...process.execArgv, file, ...(configFolder ? ['--config-dir', configFolder] : [])];
  }

  /** A collector that has ended is started again. */
  write(entry: object): Promise<void> {
    const { stdin } = (this.#collector ??= this.#start());
    return new Promise((resolve, reject) => {
      if (!stdin) return reject(new Error('the collector has no standard input'));
      return stdin.write(`${JSON.stringify(entry)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  #start(): ChildProcess {
    const collector = spawn(process.execPath, this.#args, { stdio: ['pipe', 'inherit', 'inherit'] });
    collector.once('exit', () => (this.#collector = undefined));
    collector.stdin?.on('error', () => {});
    return collector;
  }
}
