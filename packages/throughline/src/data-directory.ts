import { join } from 'node:path';

/** What of the system decides where data is kept. */
export interface Platform {
  readonly name: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The folder in which the platform wants a user's program to keep its data. */
export function dataDirectory({ name, home, env }: Platform): string {
  if (name === 'darwin') return join(home, 'Library', 'Application Support', 'throughline');
  if (name === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'throughline');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'throughline');
}
