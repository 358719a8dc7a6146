import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useStatus } from '../api/questions.ts';
import { Pending } from '../design/pending.tsx';
import { FirstTrace } from './first-trace.tsx';
import { SearchPage } from './search-page.tsx';

/** Search, or, while nothing was ever stored, how to send a first trace. */
export function SearchView() {
  const navigate = useNavigate({ from: '/search' });
  const [waiting, setWaiting] = useState<boolean>();
  const status = useStatus(waiting ? 1000 : false);
  const stored = status.data?.spans.stored;
  if (stored === 0 && waiting !== true) setWaiting(true);
  if (waiting && stored !== undefined && stored > 0) {
    setWaiting(false);
    void navigate({ search: (before) => ({ ...before, live: 'on' }), replace: true });
  }
  if (status.isPending) return <Pending />;
  if (status.data && stored === 0) return <FirstTrace status={status.data} />;
  return <SearchPage />;
}
