import { parseTraceId } from '@throughline/model';
import type { AttributeKeys, AttributeValues } from '@throughline/query/api';
import {
  operators,
  printCondition,
  printKey,
  printValue,
  unquoted,
  type Unfinished,
} from './condition-text.ts';

/** A condition, a text to search for, or the id of a trace to open. */
export type Finish = 'condition' | 'text' | 'trace';

/** One line under the filter field. */
export interface Suggestion {
  /** What the field holds after it is chosen. */
  readonly text: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly count?: number | undefined;
  /** What the field's text then wholly is; left out where more is to be typed. */
  readonly finishes?: Finish;
}

const meanings: Record<(typeof operators)[number], string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
  contains: 'has this text in it',
  exists: 'is there at all',
};

/** What the typed text is by itself: the id of a trace, or a text to search for. */
export function suggestTyped(text: string): Suggestion[] {
  const typed = text.trim();
  if (typed === '') return [];
  const anywhere: Suggestion = {
    text: typed,
    label: `“${typed}”`,
    hint: 'anywhere in a span',
    finishes: 'text',
  };
  const traceId = typed.length === 32 ? parseTraceId(typed) : undefined;
  if (!traceId) return [anywhere];
  return [
    { text: traceId, label: 'Open the trace', hint: traceId, finishes: 'trace' },
    { ...anywhere, text: `${typed} ` },
  ];
}

/** Keys that go on with what was typed; a key that spans and resources have is told apart by its scope. */
export function suggestKeys(
  part: Extract<Unfinished, { stage: 'key' }>,
  keys: AttributeKeys['keys'],
): Suggestion[] {
  const wanted = keys.filter(
    (key) => (part.scope === undefined || key.scope === part.scope) && holds(key.key, part.prefix),
  );
  const twice = new Set(
    wanted.filter((a) => wanted.some((b) => a !== b && a.key === b.key)).map((a) => a.key),
  );
  return wanted.map((key) => ({
    text: `${printKey(key.key, part.scope ?? (twice.has(key.key) ? key.scope : undefined))} `,
    label: key.key,
    hint: key.scope === 'resource' ? `resource, ${key.type}` : key.type,
    count: key.count,
  }));
}

export function suggestOperators(part: Extract<Unfinished, { stage: 'operator' }>): Suggestion[] {
  const name = printKey(part.key, part.scope);
  return operators
    .filter((operator) => operator.startsWith(part.prefix))
    .map((operator) => ({
      text: operator === 'exists' ? `${name} exists` : `${name} ${operator} `,
      label: operator,
      hint: meanings[operator],
      ...(operator === 'exists' ? { finishes: 'condition' as const } : {}),
    }));
}

/** Values that go on with what was typed; what was typed comes first even where nothing has that value. */
export function suggestValues(
  part: Extract<Unfinished, { stage: 'value' }>,
  values: AttributeValues['values'],
): Suggestion[] {
  const known = values.map(({ value, type, count }) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return {
      text: `${printKey(part.key, part.scope)} ${part.op} ${printValue(text)}`,
      label: text === '' ? '(empty)' : text,
      hint: type,
      count,
      finishes: 'condition' as const,
    };
  });
  const typed = asTyped(part);
  const others = known.filter(({ label, text }) => text !== typed?.text && holds(label, part.prefix));
  return typed ? [known.find(({ text }) => text === typed.text) ?? typed, ...others] : others;
}

function asTyped({
  scope,
  key,
  op,
  prefix,
}: Extract<Unfinished, { stage: 'value' }>): Suggestion | undefined {
  if (prefix === '') return undefined;
  const value = unquoted(prefix);
  return {
    text: printCondition({ ...(scope && { scope }), key, op, value }),
    label: value,
    hint: 'as typed',
    finishes: 'condition',
  };
}

/** Answers to what was typed before may still be there: they are narrowed here. */
function holds(text: string, typed: string): boolean {
  return text.toLowerCase().includes(unquoted(typed).toLowerCase());
}
