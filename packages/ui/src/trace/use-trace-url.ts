import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { printUrlSearch } from '../shell/url-search.ts';
import { parseTraceUrl, printTraceUrl, type TraceUrl } from './trace-url.ts';

/** Browsers refuse an address that changes at every key press or wheel step. */
const writeDelayMs = 200;

/** The view's state: changes show at once and reach the address a moment later. `link()` is the address with all of them. */
export function useTraceUrl() {
  const search = useSearch({ from: '/trace/$traceId' });
  const navigate = useNavigate({ from: '/trace/$traceId' });
  const [url, setUrl] = useState(() => parseTraceUrl(search));
  const latest = useRef(url);
  /** What the address is, and after it what it is about to become. */
  const written = useRef([printUrlSearch(printTraceUrl(url))]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const text = printUrlSearch(printTraceUrl(parseTraceUrl(search)));
    const at = written.current.indexOf(text);
    if (at >= 0) return void written.current.splice(0, at);
    written.current = [text];
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
        written.current.push(printUrlSearch(next));
        void navigate({ search: next, replace: true });
      }, writeDelayMs);
    },
    [navigate],
  );
  const link = useCallback(() => {
    const address = new URL(window.location.href);
    address.search = printUrlSearch(printTraceUrl(latest.current));
    return address.href;
  }, []);
  return { url, change, link };
}
