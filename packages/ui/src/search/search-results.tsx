import { Loader, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import type { SearchQueryInput, TraceSummary } from '@throughline/query/api';
import { useCallback, useMemo } from 'react';
import { ErrorNotice } from '../design/error-notice.tsx';
import { formatCount } from '../design/format-count.ts';
import { formatClock } from '../design/format-time.ts';
import { Pending } from '../design/pending.tsx';
import { SearchStatistics } from '../statistics/search-statistics.tsx';
import type { Brushed } from './brush.ts';
import { LatencyScatter } from './latency-scatter.tsx';
import { LiveNote } from './live-note.tsx';
import { NothingFound } from './nothing-found.tsx';
import classes from './search-page.module.css';
import { hasFilters, rangeOf, sortLabels, type SearchState } from './search-state.ts';
import { resolveRange } from './time-range.ts';
import { TraceList } from './trace-list.tsx';
import { useNow } from './use-now.ts';
import { mergeLive, type LiveTraces } from './use-live-traces.ts';
import type { useSearchResults } from './use-search-results.ts';

interface Props {
  readonly state: SearchState;
  readonly results: ReturnType<typeof useSearchResults>;
  readonly live: LiveTraces;
  readonly onChange: (change: Partial<SearchState>) => void;
  readonly onBrush: (brushed: Brushed) => void;
  readonly onOpen: (trace: TraceSummary) => void;
}

/** The plot and the list, or in their place why there is nothing. */
export function SearchResults({ state, results, live, onChange, onBrush, onOpen }: Props) {
  const isLive = state.live === 'on';
  const now = useNow(isLive);
  const { list, times } = results;
  const traces = useMemo(
    () => (isLive ? mergeLive(live.traces, results.traces) : results.traces),
    [isLive, live.traces, results.traces],
  );
  const plotted = useMemo(
    () => (isLive ? mergeLive(live.traces, results.plotted) : results.plotted),
    [isLive, live.traces, results.plotted],
  );
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isLive) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isLive]);

  if (list.isPending || !times) return <Pending label="Searching…" />;
  if (list.isError && traces.length === 0)
    return <ErrorNotice error={list.error} onRetry={results.refresh} />;
  if (traces.length === 0 && !isLive && !list.isPlaceholderData) {
    return <NothingFound state={state} onChange={onChange} />;
  }
  return (
    <>
      <div className={classes.plot}>
        <LatencyScatter
          traces={plotted}
          domain={isLive ? resolveRange(rangeOf(state), now) : times}
          onOpen={onOpen}
          onBrush={onBrush}
        />
      </div>
      <div className={classes.summary}>
        <SegmentedControl
          aria-label="What is shown of them"
          data={[
            { value: 'traces', label: 'Traces' },
            { value: 'statistics', label: 'Statistics' },
          ]}
          value={state.view ?? 'traces'}
          onChange={(view) => onChange({ view: view === 'statistics' ? view : undefined })}
        />
        <output>
          <strong>
            {formatCount(traces.length)}
            {hasNextPage && !isLive ? '+' : ''}
          </strong>{' '}
          {traces.length === 1 ? 'trace' : 'traces'}
        </output>
        <span className={classes.rest}>
          {isLive ? (
            <LiveNote connected={live.connected} />
          ) : (
            <>
              {results.plotPartial && 'plotted: these and the slowest 300 · '}
              as of {formatClock(results.madeAt).slice(0, 8)}
            </>
          )}
        </span>
        {state.view !== 'statistics' && (
          <Select
            w={150}
            aria-label="Order"
            allowDeselect={false}
            disabled={isLive}
            data={Object.entries(sortLabels).map(([value, label]) => ({ value, label }))}
            value={state.sort ?? 'newest'}
            onChange={(sort) =>
              onChange({ sort: sort === 'newest' ? undefined : (sort as SearchQueryInput['sort']) })
            }
          />
        )}
      </div>
      {state.view === 'statistics' ? (
        <SearchStatistics state={state} times={times} onChange={onChange} />
      ) : (
        <div className={classes.results} data-stale={(list.isPlaceholderData && !isLive) || undefined}>
          <TraceList
            key={JSON.stringify(state)}
            traces={traces}
            showMatched={hasFilters(state)}
            initial={results.opened}
            onOpen={onOpen}
            onEnd={more}
            footer={
              <Footer
                waiting={isLive && traces.length === 0}
                fetching={isFetchingNextPage}
                error={list.isFetchNextPageError ? list.error : undefined}
                onMore={() => void fetchNextPage()}
              />
            }
          />
        </div>
      )}
    </>
  );
}

interface FooterProps {
  /** For the first trace to arrive. */
  readonly waiting: boolean;
  readonly fetching: boolean;
  readonly error: Error | null | undefined;
  readonly onMore: () => void;
}

function Footer({ waiting, fetching, error, onMore }: FooterProps) {
  if (waiting) {
    return (
      <Text c="dimmed" ta="center" pt={56}>
        Traces show here as they arrive.
      </Text>
    );
  }
  if (error) return <ErrorNotice error={error} onRetry={onMore} />;
  if (!fetching) return null;
  return (
    <Stack align="center" py="sm">
      <Loader size={16} />
    </Stack>
  );
}
