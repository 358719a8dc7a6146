/** `problem`: traces are lost here; `warning`: they may be. */
export type Status = 'ok' | 'warning' | 'problem';

/** One thing that was looked at. */
export interface Finding {
  readonly check: 'settings' | 'versions' | 'exporter' | 'clock' | 'hop';
  /** What was looked at: a setting, a package, an address without its password. */
  readonly subject: string;
  readonly status: Status;
  readonly found: string;
  /** What to do, where there is something to do. */
  readonly advice?: string;
  /** Of a hop: which part of the context came through; left out where nobody can tell. */
  readonly context?: Survived;
  /** Of a hop: the services whose spans joined the trace behind it. */
  readonly services?: readonly string[];
}

export interface Survived {
  readonly traceId: boolean;
  readonly tracestate?: boolean;
  readonly baggage?: boolean;
}

export interface Report {
  /** Nothing is a problem. */
  readonly ok: boolean;
  /** Of the trace whose context was sent through every hop. */
  readonly traceId: string;
  readonly findings: readonly Finding[];
}

const titles: Record<Finding['check'], string> = {
  settings: 'Settings in force',
  versions: 'Versions',
  exporter: 'Exporters',
  clock: 'Clock',
  hop: 'Hops',
};

/** The report as text for a terminal. */
export function printReport({ findings, traceId }: Report): string {
  const sections = Object.entries(titles).map(([check, title]) => {
    const own = findings.filter((each) => each.check === check);
    return own.length > 0 ? `${title}\n${own.map(printed).join('')}\n` : '';
  });
  const count = (status: Status): number => findings.filter((each) => each.status === status).length;
  const problems = count('problem');
  const summary = problems === 0 ? 'No problem' : `${problems} problem${problems === 1 ? '' : 's'}`;
  const warnings = count('warning');
  const also = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`;
  return `${sections.join('')}${summary}${also}. The probe is trace ${traceId}.\n`;
}

function printed({ status, subject, found, advice }: Finding): string {
  const head = `  ${status.padEnd(7)}  ${subject}: ${found}\n`;
  return advice === undefined ? head : `${head}${' '.repeat(11)}${advice}\n`;
}
