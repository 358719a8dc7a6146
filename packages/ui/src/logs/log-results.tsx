import { Button, Loader, Select, Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { ErrorNotice } from '../design/error-notice.tsx';
import { formatCount } from '../design/format-count.ts';
import { formatClock, formatTime, millisOfNanos } from '../design/format-time.ts';
import { Pending } from '../design/pending.tsx';
import { LiveNote } from '../search/live-note.tsx';
import search from '../search/search-page.module.css';
import { LogLines } from './log-lines.tsx';
import type { LogsState } from './logs-state.ts';
import { NoLogs } from './no-logs.tsx';
import type { LiveLines } from './use-live-lines.ts';
import type { useLogResults } from './use-log-results.ts';

interface Props {
  readonly state: LogsState;
  readonly results: ReturnType<typeof useLogResults>;
  readonly live: LiveLines;
  readonly onChange: (change: Partial<LogsState>) => void;
}

/** The list, or in its place why there is nothing. */
export function LogResults({ state, results, live, onChange }: Props) {
  const isLive = state.live === 'on';
  const { list, searchedTo } = results;
  const lines = isLive ? live.lines : results.lines;
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  // A page that time cut short is gone on with by hand: it may take long again.
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && !isLive && searchedTo === undefined)
      void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError, isLive, searchedTo]);

  if (!isLive && list.isPending) return <Pending label="Looking for log records…" />;
  if (!isLive && list.isError && lines.length === 0)
    return <ErrorNotice error={list.error} onRetry={results.refresh} />;
  if (!isLive && lines.length === 0 && !list.isPlaceholderData && !hasNextPage)
    return <NoLogs state={state} onChange={onChange} />;
  return (
    <>
      <div className={search.summary}>
        <output>
          <strong>
            {formatCount(lines.length)}
            {hasNextPage && !isLive ? '+' : ''}
          </strong>{' '}
          {lines.length === 1 ? 'record' : 'records'}
        </output>
        <span className={search.rest}>
          {isLive ? (
            <LiveNote connected={live.connected} />
          ) : (
            `as of ${formatClock(results.askedAt).slice(0, 8)}`
          )}
        </span>
        <Select
          w={130}
          aria-label="Order"
          allowDeselect={false}
          disabled={isLive}
          data={[
            { value: 'newest', label: 'Newest first' },
            { value: 'oldest', label: 'Oldest first' },
          ]}
          value={state.order ?? 'newest'}
          onChange={(order) => onChange({ order: order === 'oldest' ? 'oldest' : undefined })}
        />
      </div>
      <div className={search.results} data-stale={(list.isPlaceholderData && !isLive) || undefined}>
        <LogLines
          key={JSON.stringify(state)}
          lines={lines}
          initial={results.opened}
          onLeave={results.remember}
          onChange={onChange}
          onFilter={(condition) => onChange({ where: [...new Set([...(state.where ?? []), condition])] })}
          onEnd={more}
          footer={
            <Footer
              waiting={isLive && lines.length === 0}
              fetching={isFetchingNextPage}
              searchedTo={isLive ? undefined : searchedTo}
              error={isFetchNextPageError ? list.error : undefined}
              onMore={() => void fetchNextPage()}
            />
          }
        />
      </div>
    </>
  );
}

interface FooterProps {
  /** For the first record to arrive. */
  readonly waiting: boolean;
  readonly fetching: boolean;
  readonly searchedTo: string | undefined;
  readonly error: Error | null | undefined;
  readonly onMore: () => void;
}

function Footer({ waiting, fetching, searchedTo, error, onMore }: FooterProps) {
  if (waiting) {
    return (
      <Text c="dimmed" ta="center" pt={56}>
        Log records show here as they arrive.
      </Text>
    );
  }
  if (error) return <ErrorNotice error={error} onRetry={onMore} />;
  if (fetching) {
    return (
      <Stack align="center" py="sm">
        <Loader size={16} />
      </Stack>
    );
  }
  if (searchedTo === undefined) return null;
  return (
    <Stack align="center" py="md" gap={6}>
      <Text c="dimmed">Looked at everything up to {formatTime(millisOfNanos(searchedTo))}.</Text>
      <Button variant="default" onClick={onMore}>
        Go on
      </Button>
    </Stack>
  );
}
