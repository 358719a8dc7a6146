import { Button, Switch, Text, VisuallyHidden } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { countOf, formatCount } from '../design/format-count.ts';
import { formatClock } from '../design/format-time.ts';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import { RefreshButton } from '../search/refresh-button.tsx';
import { TimeRangePicker } from '../search/time-range-picker.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { FindField } from '../design/find-field.tsx';
import { drawnMap, type DrawnMap } from './drawn-map.ts';
import { MapDrawing } from './map-drawing.tsx';
import { EdgePanel, NodePanel } from './map-panel.tsx';
import classes from './map-page.module.css';
import { mapRangeOf, type MapState } from './map-state.ts';
import { NoCalls } from './no-calls.tsx';
import { useServiceMap } from './questions.ts';

/** Who calls whom: services, topics, databases and what else is called, with how often, how long and how well. */
export function MapPage() {
  const state = useSearch({ from: '/map' });
  const navigate = useNavigate({ from: '/map' });
  const change = useCallback(
    (part: Partial<MapState>) => void navigate({ search: (before) => ({ ...before, ...part }) }),
    [navigate],
  );
  const answer = useServiceMap(state);
  const colorOf = useServiceColor();
  const map = useMemo(() => answer.data && drawnMap(answer.data.map, colorOf), [answer.data, colorOf]);
  useEffect(() => {
    document.title = state.focus ? `Map around ${state.focus} · Throughline` : 'Map · Throughline';
  }, [state.focus]);
  const live = state.live === 'on';
  const toggleLive = () => change(liveChange(state));
  const refresh = () => void answer.refetch();
  useShortcuts('Map', [
    { keys: ['r'], help: 'Ask again', run: refresh },
    { keys: ['l'], help: 'Live on or off', run: toggleLive },
    { keys: ['o'], help: 'Focus on the selected node, or show all', run: () => change(focusChange(state)) },
    { keys: ['Escape'], help: 'Close selection, find, focus', run: () => change(backStep(state)) },
  ]);
  return (
    <section className={classes.page} aria-label="Service map">
      <h1>
        <VisuallyHidden>Service map</VisuallyHidden>
      </h1>
      <div className={classes.toolbar}>
        <Find map={map} state={state} onChange={change} />
        {state.focus !== undefined && (
          <Button
            variant="light"
            className={classes.focus ?? ''}
            rightSection={<IconX size={13} />}
            aria-label={`Around ${state.focus}: show all`}
            onClick={() => change({ focus: undefined })}
          >
            Around {state.focus.replace(/^\w+:\s*/, '')}
          </Button>
        )}
        <Text component="output" size="xs" c="dimmed" className={classes.count ?? ''}>
          {map && answer.error
            ? `Could not be asked again; as of ${formatClock(answer.dataUpdatedAt).slice(0, 8)}`
            : map && summaryOf(map)}
        </Text>
        <TimeRangePicker
          range={mapRangeOf(state)}
          onChange={(range) => change({ ...range, ...(range.start ? { live: undefined } : {}) })}
        />
        <RefreshButton label="Ask again" waiting={answer.isFetching && !live} onClick={refresh} />
        <Switch label="Live" checked={live} onChange={toggleLive} />
      </div>
      <div className={classes.body}>
        <Content state={state} answer={answer} map={map} onChange={change} />
      </div>
    </section>
  );
}

interface ContentProps {
  readonly state: MapState;
  readonly answer: ReturnType<typeof useServiceMap>;
  readonly map: DrawnMap | undefined;
  readonly onChange: (change: Partial<MapState>) => void;
}

function Content({ state, answer, map, onChange }: ContentProps) {
  const selected = useMemo(() => selectionOf(map, state), [map, state]);
  const matches = useMemo(() => matchesOf(map, state.find), [map, state.find]);
  const onNode = useCallback(
    (node: number) => onChange({ node: map?.mapNodes[node]?.id, to: undefined }),
    [map, onChange],
  );
  const onEdge = useCallback(
    (edge: number) => onChange({ node: map?.mapEdges[edge]?.edge.from, to: map?.mapEdges[edge]?.edge.to }),
    [map, onChange],
  );
  const onFocus = useCallback(
    (node: number) => onChange({ focus: map?.mapNodes[node]?.id }),
    [map, onChange],
  );
  if (answer.error && !answer.data)
    return <ErrorNotice error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data || !map) return <Pending />;
  if (map.nodes.length === 0) return <NoCalls state={state} onChange={onChange} />;
  const panel = { map, state, period: answer.data.period, onChange };
  return (
    <>
      <div className={classes.drawing} data-stale={answer.isPlaceholderData || undefined}>
        <MapDrawing
          map={map}
          selected={selected}
          matches={matches}
          onNode={onNode}
          onEdge={onEdge}
          onFocus={onFocus}
        />
      </div>
      {selected.edge >= 0 && <EdgePanel {...panel} at={selected.edge} />}
      {selected.node >= 0 && <NodePanel {...panel} at={selected.node} />}
    </>
  );
}

function Find({
  map,
  state,
  onChange,
}: {
  map: DrawnMap | undefined;
  state: MapState;
  onChange: (change: Partial<MapState>) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const found = matchesOf(map, state.find)?.flatMap((isFound, at) => (isFound ? [at] : []));
  const selected = selectionOf(map, state).node;
  const go = (step: 1 | -1) => {
    if (!map || !found || found.length === 0) return;
    const next =
      step > 0
        ? (found.find((at) => at > selected) ?? found[0])
        : (found.findLast((at) => at < selected) ?? found.at(-1));
    onChange({ node: map.mapNodes[next!]!.id, to: undefined });
  };
  useShortcuts('Map', [
    { keys: ['f', '/'], help: 'Find a service', run: () => input.current?.select() },
    { keys: ['n'], help: 'Next match', run: () => go(1) },
    { keys: ['N'], help: 'Previous match', run: () => go(-1) },
  ]);
  return (
    <FindField
      inputRef={input}
      finding={{
        where: 'the map',
        text: state.find,
        searching: false,
        found: found && { count: found.length, place: found.indexOf(selected) + 1 },
        onText: (find) => onChange({ find }),
        onGo: go,
      }}
    />
  );
}

function selectionOf(map: DrawnMap | undefined, { node, to }: MapState): { node: number; edge: number } {
  if (!map || node === undefined) return { node: -1, edge: -1 };
  if (to === undefined) return { node: map.mapNodes.findIndex(({ id }) => id === node), edge: -1 };
  return { node: -1, edge: map.mapEdges.findIndex(({ edge }) => edge.from === node && edge.to === to) };
}

function matchesOf(map: DrawnMap | undefined, find: string | undefined): boolean[] | undefined {
  if (!map || find === undefined) return undefined;
  const wanted = find.trim().toLowerCase();
  return map.mapNodes.map(({ name, system = '' }) => `${system} ${name}`.toLowerCase().includes(wanted));
}

function summaryOf({ mapNodes, mapEdges, hidden }: DrawnMap): string {
  const services = mapNodes.filter(({ kind }) => kind === 'service').length;
  const others = mapNodes.length - services;
  const parts = [countOf(services, 'service'), ...(others > 0 ? [`${formatCount(others)} others`] : [])];
  return hidden === 0
    ? parts.join(', ')
    : `${parts.join(', ')}; the ${formatCount(mapEdges.length)} of ${formatCount(mapEdges.length + hidden)} edges with most calls`;
}

/** Live needs a range that ends now. */
function liveChange({ live, start }: MapState): Partial<MapState> {
  if (live === 'on') return { live: undefined };
  return { live: 'on', ...(start === undefined ? {} : { start: undefined, end: undefined, last: '15m' }) };
}

function focusChange({ focus, node, to }: MapState): Partial<MapState> {
  if (node === undefined || to !== undefined) return { focus: undefined };
  return { focus: focus === node ? undefined : node };
}

function backStep({ node, find }: MapState): Partial<MapState> {
  if (node !== undefined) return { node: undefined, to: undefined };
  return find === undefined ? { focus: undefined } : { find: undefined };
}
