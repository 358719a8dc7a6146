/** A graph to draw. Its nodes are cards of one size; edges name them by their places in the list. */
export interface DrawnGraph {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  /** Pixels between layers, 72 unless given. */
  readonly gap?: number;
}

export interface DrawnNode {
  readonly title: string;
  readonly subtitle: string;
  /** The last line: something at its left, something at its right. */
  readonly facts: readonly [string, string];
  /** Of its left edge and on the small map. */
  readonly color: string;
  /** What the card is filled with; undefined: nothing. */
  readonly fill: string | undefined;
  /** How full the line at its bottom is, 0 to 1. */
  readonly part: number;
  /** How many errors it has; 0: it is not marked. */
  readonly errors: number;
  /** All of it in words, for those who do not see it and for those who point at it. */
  readonly label: string;
}

export interface DrawnEdge {
  readonly from: number;
  readonly to: number;
  /** Leads against the direction of the others. */
  readonly back: boolean;
  readonly dashed: boolean;
  readonly failed: boolean;
  /** In pixels. */
  readonly width: number;
  /** What stands on it; '' for nothing. */
  readonly text: string;
}

export const cardWidth = 236;
export const cardHeight = 64;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is, in pixels at a scale of 1: the upper left corner of each node, the bends of each edge. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly corners: readonly Point[];
  readonly routes: readonly (readonly Point[])[];
}

export interface GraphActions {
  /** -1 selects nothing. */
  readonly select: (node: number) => void;
  readonly open: (node: number) => void;
}
