import { settings } from './settings.ts';

/** What shall go slowly, or wrong, with one request. */
export interface Faults {
  dnsMs: number;
  handlerMs: number;
  bodyMs: number;
  fail: 'refused' | 'dns' | 'reset' | undefined;
}

const failures = ['refused', 'dns', 'reset'] as const;

/**
 * From the query of a request, `?slow_dns=300&slow_handler=300&slow_body=300` (milliseconds) and
 * `?fail=refused|dns|reset`; what it leaves out is as the environment says.
 */
export function faultsOf(url: string | undefined): Faults {
  const query = new URLSearchParams(/\?(.*)/.exec(url ?? '')?.[1]);
  const ms = (name: string, otherwise: number): number => {
    const value = Number(query.getAll(name).at(-1) ?? otherwise);
    return Number.isFinite(value) ? Math.min(Math.max(value, 0), 60_000) : otherwise;
  };
  return {
    dnsMs: ms('slow_dns', settings.slow.dnsMs),
    handlerMs: ms('slow_handler', settings.slow.handlerMs),
    bodyMs: ms('slow_body', settings.slow.bodyMs),
    fail: failures.find((each) => each === query.get('fail')),
  };
}
