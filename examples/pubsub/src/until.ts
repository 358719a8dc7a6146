import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { giveUp, settings } from './settings.ts';

/**
 * Resolves as soon as something listens at `url`, with how often it was tried. Ends the process if nothing does for
 * as long as its patience lasts.
 */
export async function untilListening(what: string, url: URL): Promise<number> {
  const deadline = Date.now() + settings.patienceMs;
  for (let attempt = 1; ; attempt++) {
    const error = await tried(url);
    if (!error) return attempt;
    if (Date.now() > deadline) giveUp(`${what} at ${url.host} does not answer: ${error.message}`);
    await delay(Math.min(1000, 50 * attempt));
  }
}

function tried({ hostname, port, protocol }: URL): Promise<Error | undefined> {
  const usual = { 'http:': 80, 'https:': 443 }[protocol] ?? 6379;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || usual });
    socket.once('error', resolve);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
