import type { Action } from '../event.ts';
import type { Values } from './value.ts';

/** What became of an event in a node, in the shape that the engine's API answers with. */
export type ProcessedNode =
  | {
      type: 'Filter';
      name: string;
      filter: { status: 'Matched' | 'NotMatched' | 'Inactive' };
      nodes: ProcessedNode[];
    }
  | {
      type: 'Iterator';
      name: string;
      /** AccessorError: the target is not in the event; TypeError: it is neither a list nor a map. */
      iterator: { status: 'Matched' | 'AccessorError' | 'TypeError' | 'Inactive' };
      /** One for each element. */
      events: { event: Values; nodes: ProcessedNode[] }[];
    }
  | { type: 'Ruleset'; name: string; rules: { rules: ProcessedRule[]; extracted_vars: Values } };

export interface ProcessedRule {
  name: string;
  /** PartiallyMatched: its WHERE is true, but for the reason in `message` nothing is done. */
  status: 'Matched' | 'PartiallyMatched' | 'NotMatched' | 'NotProcessed';
  actions: Action[];
  message: string | null;
}
