import { IconCloud, IconDatabase, IconServer2, IconStack2 } from '@tabler/icons-react';
import type { MapNode } from '@throughline/query/api';
import { memo, useEffect, useMemo, useRef, type CSSProperties, type RefObject } from 'react';
import {
  cardHeight,
  cardWidth,
  type DrawnNode,
  type GraphActions,
  type Layout,
  type Point,
} from '../graph/drawing/graph.ts';
import { shortTitle } from '../graph/drawing/short-title.ts';
import { useTextWidth } from '../graph/drawing/use-text-width.ts';
import { formatShare } from '../statistics/format-share.ts';
import type { DrawnMap } from './drawn-map.ts';
import classes from './map-drawing.module.css';

/** Pixels of a card that are not its name's. */
const aside = 75;

interface MapCardsProps {
  readonly map: DrawnMap;
  readonly layout: Layout;
  readonly selected: number;
  /** By node whether it is looked for; undefined: nothing is. */
  readonly matches: readonly boolean[] | undefined;
  readonly actions: GraphActions;
}

/** The nodes as buttons; Tab goes to one of them, arrow keys from one to the next. */
export function MapCards({ map, layout, selected, matches, actions }: MapCardsProps) {
  const list = useRef<HTMLDivElement>(null);
  useFocus(list, selected);
  const widthOf = useTextWidth("600 13px 'Inter Variable', system-ui, sans-serif");
  const titles = useMemo(
    () => map.mapNodes.map(({ name }) => shortTitle(name, cardWidth - aside, widthOf)),
    [map, widthOf],
  );
  const nodeAt = (target: EventTarget) => {
    const card = (target as Element).closest<HTMLElement>('[data-node]');
    return card ? Number(card.dataset['node']) : -1;
  };
  return (
    <div
      ref={list}
      role="presentation"
      className={classes.cards}
      onClick={(event) => nodeAt(event.target) >= 0 && actions.select(nodeAt(event.target))}
      onDoubleClick={(event) => nodeAt(event.target) >= 0 && actions.open(nodeAt(event.target))}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || nodeAt(event.target) !== selected) return;
        event.preventDefault();
        actions.open(selected);
      }}
    >
      {map.mapNodes.map((node, at) => (
        <MapCard
          key={node.id}
          node={node}
          drawn={map.nodes[at]!}
          title={titles[at]!}
          at={at}
          corner={layout.corners[at] ?? { x: 0, y: 0 }}
          state={selected === at ? 'selected' : matches ? (matches[at] ? 'match' : 'other') : 'plain'}
          reachable={at === Math.max(0, selected)}
        />
      ))}
    </div>
  );
}

const icons = { service: IconServer2, topic: IconStack2, database: IconDatabase, external: IconCloud };

interface MapCardProps {
  readonly node: MapNode;
  readonly drawn: DrawnNode;
  /** Its name, as short as it must be. */
  readonly title: string;
  readonly at: number;
  readonly corner: Point;
  readonly state: 'plain' | 'selected' | 'match' | 'other';
  /** By Tab. */
  readonly reachable: boolean;
}

const MapCard = memo(function MapCard({ node, drawn, title, at, corner, state, reachable }: MapCardProps) {
  const Icon = icons[node.kind];
  const style = {
    left: corner.x,
    top: corner.y,
    width: cardWidth,
    height: cardHeight,
    '--color': drawn.color,
  } as CSSProperties;
  return (
    <button
      type="button"
      className={classes.card}
      style={style}
      data-node={at}
      data-kind={node.kind}
      data-state={state}
      data-errors={node.errors > 0 || undefined}
      tabIndex={reachable ? 0 : -1}
      aria-pressed={state === 'selected'}
      aria-label={drawn.label}
      title={drawn.label}
    >
      <span className={classes.ring}>
        <Ring share={node.error_rate} />
        <Icon size={17} stroke={1.7} />
      </span>
      <span className={classes.texts}>
        <span className={classes.name}>{title}</span>
        <span className={classes.figures}>
          {node.system !== undefined && node.system !== node.name && `${node.system} · `}
          {drawn.facts[0]}
          {node.errors > 0 && <b> {formatShare(node.error_rate)}</b>}
        </span>
        {drawn.facts[1] !== '' && <span className={classes.figures}>{drawn.facts[1]}</span>}
      </span>
      <span className={classes.afar}>
        <span className={classes.block}>{title}</span>
        <span className={classes.figures}>
          {drawn.facts[0]}
          {node.errors > 0 && <b> {formatShare(node.error_rate)}</b>}
        </span>
      </span>
    </button>
  );
});

const radius = 18;
const around = 2 * Math.PI * radius;

/** A ring of which the part that failed is red; one that can be seen also where it is small. */
function Ring({ share }: { share: number }) {
  const part = share === 0 ? 0 : Math.max(share, 0.04);
  return (
    <svg viewBox="-21 -21 42 42" aria-hidden>
      <circle r={radius} className={classes.whole} />
      {part > 0 && (
        <circle
          r={radius}
          className={classes.failed}
          strokeDasharray={`${part * around} ${around}`}
          transform="rotate(-90)"
        />
      )}
    </svg>
  );
}

/** Where a card has the focus, it follows the selection. */
function useFocus(list: RefObject<HTMLDivElement | null>, selected: number) {
  useEffect(() => {
    if (selected < 0 || !list.current?.contains(document.activeElement)) return;
    list.current.querySelector<HTMLElement>(`[data-node="${selected}"]`)?.focus({ preventScroll: true });
  }, [list, selected]);
}
