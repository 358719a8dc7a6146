import type { TraceModel } from '../model.ts';
import type { Rows } from '../rows.ts';
import type { Indent } from './indent.ts';
import type { Range } from '../zoom.ts';

export const rowHeight = 24;

/** Sizes in CSS pixels. The timeline begins right of the names. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nameWidth: number;
}

/** Colours that the canvas needs by value. */
export interface Paints {
  /** By service index. */
  readonly services: readonly string[];
  readonly line: string;
  readonly guide: string;
  readonly text: string;
  readonly dimmed: string;
  readonly error: string;
  readonly warn: string;
  readonly surface: string;
}

/** All that the rows of the waterfall are drawn from. */
export interface Scene {
  readonly model: TraceModel;
  readonly rows: Rows;
  readonly folded: Uint8Array;
  readonly range: Range;
  readonly layout: Layout;
  readonly paints: Paints;
  /** By node: 1 where the find text matches; undefined while nothing is looked for. */
  readonly matches: Uint8Array | undefined;
  /** The selected node, or -1. */
  readonly selected: number;
}

/** Free space at both ends of the timeline, so that marks at the very start and end are whole. */
export const timelineMargin = 10;

export function timelineLeft({ nameWidth }: Pick<Layout, 'nameWidth'>): number {
  return nameWidth + timelineMargin;
}

export function timelineWidth({ width, nameWidth }: Pick<Layout, 'width' | 'nameWidth'>): number {
  return Math.max(width - nameWidth - 2 * timelineMargin, 1);
}

/** Left edge of the tree in the name column; deep traces have a gutter with the depth as a number before it. */
export function treeLeft(deep: boolean): number {
  return deep ? 46 : 8;
}

/** How much of the name column indentation may take. */
export function indentRoom({ nameWidth }: Layout): number {
  return Math.floor(nameWidth * 0.4);
}

export function depthOfContent(scene: Scene, content: number): number {
  const { tree, logs } = scene.model;
  if (content >= 0) return tree.depth[content]!;
  const node = logs.node[-1 - content]!;
  return node < 0 ? 0 : tree.depth[node]! + 1;
}

/** What of the rows is in sight, and how far it is indented. */
export interface Sight {
  readonly scrollTop: number;
  readonly first: number;
  /** One past the last. */
  readonly last: number;
  readonly indent: Indent;
  readonly deep: boolean;
}
