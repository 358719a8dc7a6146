import { readdirSync, readFileSync } from 'node:fs';

/** /proc counts CPU time in these (USER_HZ; 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

export interface Memory {
  /** Resident megabytes of all processes; pages that they share count in each. */
  readonly rssMb: number;
  /** Of these the ones that are no file's. */
  readonly anonymousMb: number;
}

/** A process and all that descend from it, as Linux counts them in /proc. */
export class ProcessTree {
  readonly #pid: number;
  #peak = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** User and system time since they were started. Those that have ended are left out. */
  cpuSeconds(): number {
    return sum(this.#pids(), (pid) => {
      const [, , , , , , , , , , , user, system] = statOf(pid);
      return (Number(user) + Number(system)) / ticksPerSecond;
    });
  }

  memory(): Memory {
    const pids = this.#pids();
    const of = (key: string) =>
      sum(
        pids,
        (pid) =>
          Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
      );
    return { rssMb: of('VmRSS'), anonymousMb: of('RssAnon') };
  }

  /** Largest resident memory of all together since `watchMemory`, looked at four times a second. */
  get peakRssMb(): number {
    return this.#peak;
  }

  watchMemory(): void {
    this.#peak = 0;
    this.#watch = setInterval(() => (this.#peak = Math.max(this.#peak, this.memory().rssMb)), 250);
  }

  unwatchMemory(): void {
    clearInterval(this.#watch);
  }

  #pids(): number[] {
    const parents = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), parent: Number(statOf(Number(name))[1]) }));
    const below = (pid: number): number[] =>
      parents.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)]);
    return [this.#pid, ...below(this.#pid)];
  }
}

/** The fields of /proc/PID/stat that follow the name: state, parent, … (proc(5) numbers them from 3). */
function statOf(pid: number): string[] {
  return read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
}

/** The file's text, or nothing if the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + (of(pid) || 0), 0);
}
