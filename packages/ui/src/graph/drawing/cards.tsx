import { memo, useEffect, useMemo, useRef, type CSSProperties } from 'react';
import { formatCount } from '../../design/format-count.ts';
import {
  cardHeight,
  cardWidth,
  type DrawnGraph,
  type DrawnNode,
  type GraphActions,
  type Layout,
  type Point,
} from './graph.ts';
import classes from './graph-view.module.css';
import { shortTitle } from './short-title.ts';
import { useTextWidth } from './use-text-width.ts';

interface CardsProps {
  readonly graph: DrawnGraph;
  readonly layout: Layout;
  /** -1: none. */
  readonly selected: number;
  /** By node whether it is looked for; undefined: nothing is. */
  readonly matches: readonly boolean[] | undefined;
  readonly actions: GraphActions;
}

/** Pixels of a card that are not its title's, and those more that a number of errors takes. */
const [aside, asideErrors] = [29, 24];
/** Characters that fit into both lines where there is only the title. */
const inBlock = 40;

/** The nodes as buttons; Tab goes to one of them, arrow keys from one to the next. */
export function Cards({ graph, layout, selected, matches, actions }: CardsProps) {
  const list = useRef<HTMLDivElement>(null);
  useFocus(list, selected);
  const widthOf = useTextWidth("600 13px 'Inter Variable', system-ui, sans-serif");
  const titles = useMemo(
    () =>
      graph.nodes.map(({ title, errors }) =>
        shortTitle(title, cardWidth - aside - (errors > 0 ? asideErrors : 0), widthOf),
      ),
    [graph, widthOf],
  );
  return (
    <div
      ref={list}
      role="presentation"
      className={classes.cards}
      onClick={(event) => {
        const card = (event.target as Element).closest<HTMLElement>('[data-node]');
        if (card) actions.select(Number(card.dataset.node));
      }}
      onDoubleClick={(event) => {
        const card = (event.target as Element).closest<HTMLElement>('[data-node]');
        if (card) actions.open(Number(card.dataset.node));
      }}
      onKeyDown={(event) => {
        const card = (event.target as Element).closest<HTMLElement>('[data-node]');
        if (event.key !== 'Enter' || Number(card?.dataset.node) !== selected) return;
        event.preventDefault();
        actions.open(selected);
      }}
    >
      {graph.nodes.map((node, at) => (
        <Card
          key={at}
          node={node}
          title={titles[at]!}
          at={at}
          corner={layout.corners[at]!}
          state={selected === at ? 'selected' : matches ? (matches[at] ? 'match' : 'other') : 'plain'}
          reachable={at === Math.max(0, selected)}
        />
      ))}
    </div>
  );
}

interface CardProps {
  readonly node: DrawnNode;
  /** As much of its title as there is room for. */
  readonly title: string;
  readonly at: number;
  readonly corner: Point;
  readonly state: 'plain' | 'selected' | 'match' | 'other';
  /** By Tab. */
  readonly reachable: boolean;
}

const Card = memo(function Card({ node, title: inLine, at, corner, state, reachable }: CardProps) {
  const { title, subtitle, facts, color, fill, part, errors, label } = node;
  const style = {
    left: corner.x,
    top: corner.y,
    width: cardWidth,
    height: cardHeight,
    '--color': color,
    '--fill': fill ?? 'var(--mantine-color-body)',
  } as CSSProperties;
  return (
    <button
      type="button"
      className={classes.card}
      style={style}
      data-node={at}
      data-state={state}
      data-filled={fill !== undefined || undefined}
      data-errors={errors > 0 || undefined}
      tabIndex={reachable ? 0 : -1}
      aria-pressed={state === 'selected'}
      aria-label={label}
      title={label}
    >
      <span className={classes.strip} />
      {errors > 0 && <span className={classes.errors}>{formatCount(errors)}</span>}
      <span className={classes.line}>
        <span className={classes.name}>{inLine}</span>
      </span>
      <span className={classes.block}>{shortTitle(title, inBlock)}</span>
      <span className={classes.subtitle}>{subtitle}</span>
      <span className={classes.facts}>
        <span>{facts[0]}</span>
        <span>{facts[1]}</span>
      </span>
      {part > 0 && <span className={classes.part} style={{ width: `${part * 100}%` }} />}
      <span className={classes.flag}>{shortTitle(title, inBlock)}</span>
    </button>
  );
});

/** Where a card has the focus, it follows the selection. */
function useFocus(list: React.RefObject<HTMLDivElement | null>, selected: number) {
  useEffect(() => {
    if (selected < 0 || !list.current?.contains(document.activeElement)) return;
    list.current.querySelector<HTMLElement>(`[data-node="${selected}"]`)?.focus({ preventScroll: true });
  }, [list, selected]);
}
