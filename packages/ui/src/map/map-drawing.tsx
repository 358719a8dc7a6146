import { useMemo } from 'react';
import { ErrorNotice } from '../design/error-notice.tsx';
import { Pending } from '../design/pending.tsx';
import { GraphView } from '../graph/drawing/graph-view.tsx';
import { useLayout } from '../graph/drawing/use-layout.ts';
import type { DrawnMap } from './drawn-map.ts';
import { MapCards } from './map-cards.tsx';
import { MapEdges } from './map-edges.tsx';
import classes from './map-drawing.module.css';

export interface Selected {
  /** Places of the selected node and edge; -1: none. */
  readonly node: number;
  readonly edge: number;
}

interface MapDrawingProps {
  readonly map: DrawnMap;
  readonly selected: Selected;
  readonly matches: readonly boolean[] | undefined;
  readonly onNode: (node: number) => void;
  readonly onEdge: (edge: number) => void;
  readonly onFocus: (node: number) => void;
}

/** The map, arranged; while another is being arranged the one before it stays. */
export function MapDrawing({ map, selected, matches, onNode, onEdge, onFocus }: MapDrawingProps) {
  const { arranged, pending, error } = useLayout(map);
  const actions = useMemo(() => ({ select: onNode, open: onFocus }), [onNode, onFocus]);
  if (error) return <ErrorNotice error={error} />;
  if (!arranged) return <Pending label="Arranging the map…" />;
  return (
    <div className={classes.arranged} data-stale={pending || undefined} inert={pending}>
      <GraphView
        graph={arranged.graph}
        layout={arranged.layout}
        label="Service map"
        selected={pending ? -1 : selected.node}
        matches={matches}
        actions={actions}
        openHelp="Show what it has to do with"
      >
        <MapEdges
          map={arranged.graph}
          layout={arranged.layout}
          node={pending ? -1 : selected.node}
          edge={pending ? -1 : selected.edge}
          onSelect={onEdge}
        />
        <MapCards
          map={arranged.graph}
          layout={arranged.layout}
          selected={pending ? -1 : selected.node}
          matches={pending ? undefined : matches}
          actions={actions}
        />
      </GraphView>
    </div>
  );
}
