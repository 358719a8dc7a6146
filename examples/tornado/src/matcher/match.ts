import type { Action } from '../event.ts';
import type { Rule, TreeNode } from '../tree/compile-tree.ts';
import type { ProcessedNode, ProcessedRule } from './processed.ts';
import { type Value, type Values, isMap } from './value.ts';

/** Runs `work` as a step that can be seen, such as a span, with what `describe` says of its result; returns the result. */
export type Step = <T>(name: string, work: () => T, describe?: (result: T) => Record<string, string>) => T;

/** Runs an event through a tree. Nothing is executed: the result has the actions of the rules that match. */
export function match(node: TreeNode, event: Values, step: Step): ProcessedNode {
  const { name } = node;
  switch (node.type) {
    case 'Filter':
      return step(
        `Process Filter: ${name}`,
        () => matchFilter(node, event, step),
        ({ filter: { status } }) => ({ name, status }),
      );
    case 'Iterator':
      return step(
        `Process Iterator: ${name}`,
        () => matchIterator(node, event, step),
        ({ iterator: { status } }) => ({ name, status }),
      );
    case 'Ruleset':
      return step(
        `Process Ruleset: ${name}`,
        () => matchRuleset(node, event, step),
        () => ({ name }),
      );
  }
}

type Type = TreeNode['type'];
type Of<T extends Type> = Extract<TreeNode, { type: T }>;
type Done<T extends Type> = Extract<ProcessedNode, { type: T }>;

function matchFilter(node: Of<'Filter'>, event: Values, step: Step): Done<'Filter'> {
  const { type, name } = node;
  if (!node.active) return { type, name, filter: { status: 'Inactive' }, nodes: [] };
  if (!node.matches({ event, variables: {}, rule: '' }))
    return { type, name, filter: { status: 'NotMatched' }, nodes: [] };
  const nodes = node.nodes.map((each) => match(each, event, step));
  return { type, name, filter: { status: 'Matched' }, nodes };
}

/** The children run once for each element; they see it as `event.iterator.item`, its index or key as `.iteration`. */
function matchIterator(node: Of<'Iterator'>, event: Values, step: Step): Done<'Iterator'> {
  const { type, name } = node;
  if (!node.active) return { type, name, iterator: { status: 'Inactive' }, events: [] };
  const target = node.target({ event, variables: {}, rule: '' });
  if (target === undefined) return { type, name, iterator: { status: 'AccessorError' }, events: [] };
  const elements = elementsOf(target);
  if (!elements) return { type, name, iterator: { status: 'TypeError' }, events: [] };
  const events = elements.map(([iteration, item]) => {
    const one = { ...event, iterator: { item, iteration } };
    return { event: one, nodes: node.nodes.map((each) => match(each, one, step)) };
  });
  return { type, name, iterator: { status: 'Matched' }, events };
}

function elementsOf(value: Value): (readonly [iteration: Value, item: Value])[] | undefined {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  return isMap(value) ? Object.entries(value) : undefined;
}

function matchRuleset(node: Of<'Ruleset'>, event: Values, step: Step): Done<'Ruleset'> {
  const { type, name } = node;
  const variables: Values = {};
  const rules: ProcessedRule[] = [];
  let stopped = false;
  for (const rule of node.rules) {
    if (stopped) {
      rules.push({ name: rule.name, status: 'NotProcessed', actions: [], message: null });
      continue;
    }
    const processed = step(
      `Process Rule: ${rule.name}`,
      () => matchRule(rule, event, variables, step),
      ({ status, message }) => ({ name: rule.name, status, ...(message !== null && { message }) }),
    );
    rules.push(processed);
    stopped = processed.status === 'Matched' && !rule.continue;
  }
  return { type, name, rules: { rules, extracted_vars: variables } };
}

/** Adds what it extracts to `variables`, all or nothing. */
function matchRule(rule: Rule, event: Values, variables: Values, step: Step): ProcessedRule {
  const { name } = rule;
  const scope = { event, variables, rule: name };
  if (!rule.where(scope)) return { name, status: 'NotMatched', actions: [], message: null };
  const partly = (message: string): ProcessedRule => ({
    name,
    status: 'PartiallyMatched',
    actions: [],
    message,
  });
  const extracted: Values = {};
  for (const [variable, extract] of rule.extractors) {
    try {
      extracted[variable] = extract(scope);
    } catch (error) {
      return partly(`the variable ${variable} cannot be extracted: ${(error as Error).message}`);
    }
  }
  if (rule.extractors.length > 0) variables[name] = extracted;
  const actions: Action[] = [];
  for (const { id, payload } of rule.actions) {
    const resolved = step(`Process Action: ${id}`, () => payload(scope));
    if (!isMap(resolved)) return partly(`the action ${id} refers to something that is not there`);
    actions.push({ id, payload: resolved, created_ms: Number(event['created_ms']) });
  }
  return { name, status: 'Matched', actions, message: null };
}
