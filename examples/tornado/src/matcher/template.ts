import { type Path, parsePath, valueAt } from './accessor.ts';
import type { Value, Values } from './value.ts';

/** What the texts of a rule can refer to. */
export interface Scope {
  /** `${event.…}` */
  event: Value;
  /** `${_variables.…}`: what was extracted so far in this ruleset, by rule. */
  variables: Values;
  /** The rule whose variables need no prefix. */
  rule: string;
}

/** Computes a value; `undefined` where something that it refers to is not there. */
export type Getter<From> = (from: From) => Value | undefined;

/** How to read a path from its root on; `keep` leaves the text as it is; `undefined`: there is no such root. */
type Root<From> = ((from: From, path: Path) => Value | undefined) | 'keep' | undefined;

const expression = /\$\{((?:"[^"]*"|[^}"])*)\}/g;

/**
 * A text that is one `${…}` alone has the value, of whatever type, that is there; in others, each is replaced by the text of
 * its value, which must not be a list or a map. Throws what is wrong with the text.
 */
function compileTemplate<From>(text: string, rootOf: (name: string) => Root<From>): Getter<From> {
  const parts: (string | Getter<From>)[] = [];
  let end = 0;
  for (const match of text.matchAll(expression)) {
    const getter = compileExpression(match[1] ?? '', rootOf);
    if (!getter) continue;
    parts.push(text.slice(end, match.index), getter);
    end = match.index + match[0].length;
  }
  if (parts.length === 0) return () => text;
  const [before, only] = parts;
  if (parts.length === 2 && before === '' && end === text.length && typeof only === 'function') return only;
  parts.push(text.slice(end));
  return (from) => {
    const texts = parts.map((part) => (typeof part === 'string' ? part : textOf(part(from))));
    return texts.includes(undefined) ? undefined : texts.join('');
  };
}

function compileExpression<From>(
  text: string,
  rootOf: (name: string) => Root<From>,
): Getter<From> | undefined {
  const path = parsePath(text.trim());
  const [name, ...rest] = path;
  const root = rootOf(String(name));
  if (root === 'keep') return undefined;
  if (!root) throw new Error(`\${${text}} begins with neither event nor _variables nor item`);
  return (from) => root(from, rest);
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined || (typeof value === 'object' && value !== null) ? undefined : String(value);
}

const ruleRoots: Record<string, Root<Scope>> = {
  event: ({ event }, path) => valueAt(event, path),
  _variables: ({ variables, rule }, path) => {
    const own = valueAt(variables, [rule, ...path]);
    return own === undefined ? valueAt(variables, path) : own;
  },
  // For the foreach executor, later.
  item: 'keep',
};

/** A text of a rule, filter or iterator. */
export const compileText = (text: string): Getter<Scope> =>
  compileTemplate(text, (name) => (Object.hasOwn(ruleRoots, name) ? ruleRoots[name] : undefined));

/** All texts in `value`, however deep; `undefined` where one of them is. */
export function compileValue(value: Value): Getter<Scope> {
  if (typeof value === 'string') return compileText(value);
  if (Array.isArray(value)) {
    const getters = value.map(compileValue);
    return (scope) => {
      const values = getters.map((get) => get(scope));
      return values.some((each) => each === undefined) ? undefined : (values as Value[]);
    };
  }
  if (typeof value === 'object' && value !== null) {
    const getters = Object.entries(value).map(([key, each]) => [key, compileValue(each)] as const);
    return (scope) => {
      const values = getters.map(([key, get]) => [key, get(scope)] as const);
      return values.some(([, each]) => each === undefined)
        ? undefined
        : (Object.fromEntries(values) as Values);
    };
  }
  return () => value;
}

/** Replaces `${item}` and what is below it in all texts of `value`; what is not there, or not an item's, stays as it is. */
export function withItem(value: Value, item: Value): Value {
  if (typeof value === 'string') {
    const rootOf = (name: string): Root<Value> => (name === 'item' ? valueAt : 'keep');
    return compileTemplate<Value>(value, rootOf)(item) ?? value;
  }
  if (Array.isArray(value)) return value.map((each) => withItem(each, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withItem(each, item)]));
}
