import type { Listener } from '@throughline/pipeline';

export interface Ready {
  readonly version: string;
  readonly listening: readonly Listener[];
  readonly dataDirectory: string;
  /** Left out where nothing is stored here. */
  readonly spansStored?: number | undefined;
}

/** What listens where, where the data is and how much: `throughline 0.1.0 is ready: OTLP/HTTP http://127.0.0.1:4318; data in …`. */
export function readyLine({ version, listening, dataDirectory, spansStored }: Ready): string {
  const parts = [listening.map(({ what, url }) => `${what} ${url}`).join(', '), `data in ${dataDirectory}`];
  if (spansStored !== undefined) parts.push(`${spansStored.toLocaleString('en')} spans stored`);
  return `throughline ${version} is ready: ${parts.filter((part) => part !== '').join('; ')}`;
}
