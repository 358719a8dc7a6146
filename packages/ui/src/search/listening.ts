import type { Status } from '@throughline/query/api';

/** The address at which a program beside the browser reaches what listens at `url`: not "every interface". */
export function reachable(url: string, pageHost: string): string {
  return url.replace(/\/\/(0\.0\.0\.0|\[::\])(?=[:/]|$)/, `//${pageHost}`);
}

/** The base address of OTLP over HTTP without a slash at its end, or undefined where none listens. */
export function otlpEndpoint(listening: Status['listening'], pageHost: string): string | undefined {
  const found = listening.find(
    ({ what, url }) => /otlp/i.test(what) && /http/i.test(what) && /^http/.test(url),
  );
  return found && reachable(found.url, pageHost).replace(/(\/v1\/traces)?\/*$/, '');
}
