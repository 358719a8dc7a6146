import { Tabs } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import type { TraceId } from '@throughline/model';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import { GraphTab } from '../graph/graph-tab.tsx';
import { TraceStatisticsTab } from '../statistics/trace-statistics-tab.tsx';
import { Details } from './details/details.tsx';
import { TraceNotFound } from './empty-states.tsx';
import { FindBox } from './find-box.tsx';
import { JsonTab } from './json-tab.tsx';
import { LogsTab } from './logs/logs-tab.tsx';
import { Minimap } from './waterfall/minimap.tsx';
import type { TraceModel } from './model.ts';
import { isNotFound, useFindSpans, useTrace } from './questions.ts';
import { Splitter } from './splitter.tsx';
import { TraceHeader } from './trace-header.tsx';
import type { PanelSide, Tab } from './trace-url.ts';
import classes from './trace-view.module.css';
import { usePaints } from './waterfall/use-paints.ts';
import { useSize } from '../hooks/use-size.ts';
import { useTraceKeys } from './use-trace-keys.ts';
import { useTraceState, type TraceState } from './use-trace-state.ts';
import { useTraceUrl } from './use-trace-url.ts';
import { ViewOptions } from './view-options.tsx';
import { Waterfall } from './waterfall/waterfall.tsx';

export function TraceView({ traceId }: { traceId: TraceId }) {
  const { data, error, refetch } = useTrace(traceId);
  if (!data) {
    if (isNotFound(error)) return <TraceNotFound traceId={traceId} />;
    if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
    return <Pending label="Loading the trace…" />;
  }
  return <LoadedTrace traceId={traceId} model={data.model} />;
}

function LoadedTrace({ traceId, model }: { traceId: TraceId; model: TraceModel }) {
  const address = useTraceUrl();
  const { url } = address;
  const found = useFindSpans(traceId, url.find);
  const [lastPanel, keepPanel] = useLocalStorage<PanelSide>({
    key: 'throughline-panel',
    defaultValue: 'side',
    getInitialValueInEffect: false,
  });
  const state = useTraceState(model, address, found.spanIds, lastPanel);
  const findInput = useRef<HTMLInputElement>(null);
  const paints = usePaints(model.columns.services);
  useTraceKeys(state, findInput);
  useFirstMatch(state);
  useTitle(model);
  useEffect(() => {
    if (url.panel) keepPanel(url.panel);
  }, [url.panel, keepPanel]);

  return (
    <div className={classes.view}>
      <TraceHeader state={state} traceId={traceId} link={address.link} />
      <Tabs
        className={classes.tabs}
        value={url.tab}
        onChange={(tab) => state.actions.change({ tab: (tab ?? 'waterfall') as Tab })}
      >
        <div className={classes.bar}>
          <Tabs.List className={classes.tabList}>
            <Tabs.Tab value="waterfall">Waterfall</Tabs.Tab>
            <Tabs.Tab value="graph">Graph</Tabs.Tab>
            <Tabs.Tab value="statistics">Statistics</Tabs.Tab>
            <Tabs.Tab value="logs">
              Logs <span className={classes.badge}>{model.logs.records.length.toLocaleString('en')}</span>
            </Tabs.Tab>
            <Tabs.Tab value="json">JSON</Tabs.Tab>
          </Tabs.List>
          {url.tab === 'waterfall' && (
            <>
              <ViewOptions state={state} />
              <FindBox state={state} searching={found.searching} inputRef={findInput} />
            </>
          )}
        </div>
        <Tabs.Panel value="waterfall" className={classes.panel}>
          <WithDetails traceId={traceId} state={state}>
            <Minimap state={state} paints={paints} />
            <Waterfall state={state} paints={paints} />
          </WithDetails>
        </Tabs.Panel>
        <Tabs.Panel value="graph" className={classes.panel}>
          <GraphTab state={state} searching={found.searching} />
        </Tabs.Panel>
        <Tabs.Panel value="statistics" className={classes.panel}>
          <TraceStatisticsTab state={state} />
        </Tabs.Panel>
        <Tabs.Panel value="logs" className={classes.panel}>
          <LogsTab state={state} />
        </Tabs.Panel>
        <Tabs.Panel value="json" className={classes.panel}>
          <JsonTab traceId={traceId} spans={model.columns.spans} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function WithDetails({
  traceId,
  state,
  children,
}: {
  traceId: TraceId;
  state: TraceState;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const [sizes, setSizes] = useLocalStorage({
    key: 'throughline-panel-sizes',
    defaultValue: { side: 440, bottom: 300 },
    getInitialValueInEffect: false,
  });
  const { panel } = state.url;
  const side = panel ?? 'side';
  const room = side === 'side' ? width : height;
  const max = Math.max(Math.round(room * 0.7), 200);
  const size = Math.min(sizes[side], max);
  return (
    <div ref={box} className={classes.split} data-side={side}>
      <div className={classes.main}>{children}</div>
      {panel && state.selected >= 0 && (
        <>
          <Splitter
            after
            lies={side === 'side' ? 'vertical' : 'horizontal'}
            split={{
              label: 'Size of the details',
              size,
              min: 200,
              max,
              set: (next) => setSizes({ ...sizes, [side]: next }),
            }}
          />
          <div className={classes.details} style={side === 'side' ? { width: size } : { height: size }}>
            <Details traceId={traceId} state={state} />
          </div>
        </>
      )}
    </div>
  );
}

/** Typing in the find box selects the first match, unless one is selected; opening a link does not. */
function useFirstMatch({ found, url, selected, actions }: TraceState) {
  const seen = useRef(url.find);
  useEffect(() => {
    if (url.find === seen.current || found?.text !== url.find) return;
    const first = found?.nodes[0];
    if (found && first === undefined) return; // what the server finds is still to come
    seen.current = url.find;
    if (first !== undefined && !found?.matches[selected]) actions.select(first);
  }, [found, url.find, selected, actions]);
}

function useTitle({ summary }: TraceModel) {
  const title = useMemo(() => `${summary.root_service}: ${summary.root_operation}`, [summary]);
  useEffect(() => {
    document.title = `${title} · Throughline`;
    return () => void (document.title = 'Throughline');
  }, [title]);
}
