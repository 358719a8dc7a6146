import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { printUrlSearch, type UrlSearch } from '../shell/url-search.ts';

export const tabs = ['waterfall', 'logs', 'json'] as const;
export type Tab = (typeof tabs)[number];
export type PanelSide = 'side' | 'bottom';

/** What a link to a trace restores. */
export interface TraceUrl {
  readonly tab: Tab;
  /** Key of the selected span (`nodeKeys`). */
  readonly span: string | undefined;
  /** Where its details are; undefined: closed. */
  readonly panel: PanelSide | undefined;
  /** `parseRange`. */
  readonly zoom: string | undefined;
  /** `parseFold`. */
  readonly fold: string | undefined;
  readonly find: string | undefined;
  /** Whether log records have rows of their own. */
  readonly logRows: boolean;
}

export function parseTraceUrl(search: UrlSearch): TraceUrl {
  const one = (name: string) => {
    const value = [search[name] ?? []].flat()[0];
    return value === '' ? undefined : value;
  };
  const panel = one('panel');
  return {
    tab: tabs.find((tab) => tab === search.tab) ?? 'waterfall',
    span: one('span'),
    panel: panel === 'side' || panel === 'bottom' ? panel : undefined,
    zoom: one('zoom'),
    fold: one('fold'),
    find: one('find'),
    logRows: one('logs') === 'rows',
  };
}

export function printTraceUrl({ tab, logRows, ...texts }: TraceUrl): UrlSearch {
  const search = {
    ...texts,
    tab: tab === 'waterfall' ? undefined : tab,
    logs: logRows ? 'rows' : undefined,
  };
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** Browsers refuse an address that changes at every key press or wheel step. */
const writeDelayMs = 200;

/** The view's state: changes show at once and reach the address a moment later. `link()` is the address with all of them. */
export function useTraceUrl() {
  const search = useSearch({ from: '/trace/$traceId' });
  const navigate = useNavigate({ from: '/trace/$traceId' });
  const router = useRouter();
  const [url, setUrl] = useState(() => parseTraceUrl(search));
  const latest = useRef(url);
  const written = useRef(printUrlSearch(printTraceUrl(url)));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const text = printUrlSearch(printTraceUrl(parseTraceUrl(search)));
    if (text === written.current) return;
    written.current = text;
    clearTimeout(timer.current);
    latest.current = parseTraceUrl(search);
    setUrl(latest.current);
  }, [search]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = useCallback(
    (part: Partial<TraceUrl>) => {
      latest.current = { ...latest.current, ...part };
      setUrl(latest.current);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        const next = printTraceUrl(latest.current);
        written.current = printUrlSearch(next);
        void navigate({ search: next, replace: true });
      }, writeDelayMs);
    },
    [navigate],
  );
  const link = useCallback(() => {
    const { pathname } = router.buildLocation({ to: '.' });
    return new URL(
      router.history.createHref(pathname) + printUrlSearch(printTraceUrl(latest.current)),
      window.location.href,
    ).href;
  }, [router]);
  return { url, change, link };
}
