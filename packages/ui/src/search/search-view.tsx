import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useStatus } from '../api/questions.ts';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import { FirstTrace } from './first-trace.tsx';
import { SearchPage } from './search-page.tsx';

/** Search, or, while nothing was ever stored, how to send a first trace. */
export function SearchView() {
  const navigate = useNavigate({ from: '/search' });
  const status = useStatus(({ spans }) => spans.stored === 0);
  const stored = status.data?.spans.stored;
  const engine = status.data?.engine.state;
  const waited = useRef(false);
  useEffect(() => {
    if (engine !== 'ready' || stored === undefined) return;
    if (waited.current && stored > 0) {
      void navigate({ search: (before) => ({ ...before, live: 'on' }), replace: true });
    }
    waited.current = stored === 0;
  }, [engine, stored, navigate]);

  if (status.isPending) return <Pending />;
  if (!status.data || stored !== 0) return <SearchPage />;
  switch (status.data.engine.state) {
    case 'ready':
      return <FirstTrace status={status.data} />;
    case 'starting':
      return <Pending label="The store is starting…" />;
    case 'down':
      return <ErrorNotice error={new Error(status.data.engine.error ?? 'The store is down.')} />;
  }
}
