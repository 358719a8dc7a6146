import type { Values } from '../matcher/value.ts';

/** The processing tree as it is written in files, checked for its shape only. `file` is where a node stands. */
export type NodeConfig = FilterConfig | IteratorConfig | RulesetConfig;

export interface FilterConfig {
  type: 'Filter';
  file: string;
  name: string;
  description: string;
  active: boolean;
  /** An operator; nothing is true of every event. */
  filter: unknown;
  nodes: NodeConfig[];
}

export interface IteratorConfig {
  type: 'Iterator';
  file: string;
  name: string;
  description: string;
  active: boolean;
  /** What to run the children for, one by one: an accessor to a list or a map. */
  target: string;
  nodes: NodeConfig[];
}

export interface RulesetConfig {
  type: 'Ruleset';
  file: string;
  name: string;
  rules: RuleConfig[];
}

export interface RuleConfig {
  file: string;
  name: string;
  description: string;
  /** Whether the rules after this one are looked at when it matches. */
  continue: boolean;
  active: boolean;
  constraint: { WHERE: unknown; WITH: Record<string, unknown> };
  actions: ActionConfig[];
}

export interface ActionConfig {
  id: string;
  payload: Values;
}
