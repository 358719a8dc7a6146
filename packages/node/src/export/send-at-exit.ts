import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OtlpTarget } from './otlp-target.ts';

/** As a process of its own gets it: lengths and settings in one line, then the requests. */
export interface ExitMail {
  readonly target: Omit<OtlpTarget, 'url' | 'tls'> & { url: string; tls: Readonly<Record<string, string>> };
  readonly lengths: readonly number[];
}

/**
 * Sends requests while this process ends, when nothing that takes time is done in it any more: another one does it,
 * and this one waits for it, `withinMs` at most. Says of each whether the receiver has taken it.
 */
export function sendAtExit(target: OtlpTarget, requests: readonly Buffer[], withinMs: number): boolean[] {
  const tls = Object.entries(target.tls).map(([name, pem]) => [name, String(pem)]);
  const mail: ExitMail = {
    target: {
      ...target,
      timeoutMs: withinMs,
      url: target.url.href,
      tls: Object.fromEntries(tls) as Record<string, string>,
    },
    lengths: requests.map(({ length }) => length),
  };
  const { stdout } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('./exit-sender.js', import.meta.url))],
    {
      input: Buffer.concat([Buffer.from(`${JSON.stringify(mail)}\n`), ...requests]),
      // What is loaded into the application by NODE_OPTIONS is not for it.
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: withinMs,
      killSignal: 'SIGKILL',
    },
  );
  const taken = String(stdout ?? '').split('\n');
  return requests.map((_, index) => taken.includes(String(index)));
}
