import type { Condition } from '@throughline/query/api';

// A condition as people type it and as the address has it: `http.response.status_code >= 500`, `resource:host.name exists`.

export const operators = ['=', '!=', '<', '<=', '>', '>=', 'contains', 'exists'] as const;
type Operator = (typeof operators)[number];
type Scope = 'span' | 'resource';

/** What a half-typed condition lacks next, and what is there of it. */
export type Unfinished =
  | { readonly stage: 'key'; readonly scope: Scope | undefined; readonly prefix: string }
  | {
      readonly stage: 'operator';
      readonly scope: Scope | undefined;
      readonly key: string;
      readonly prefix: string;
    }
  | {
      readonly stage: 'value';
      readonly scope: Scope | undefined;
      readonly key: string;
      readonly op: Exclude<Operator, 'exists'>;
      readonly prefix: string;
    };

const subject = /^\s*(?:(span|resource):)?("(?:[^"\\]|\\.)*"|[^\s=!<>"]+)/;
const symbol = /^\s*(!=|<=|>=|=|<|>)\s*/;
const word = /^\s+(contains)\s+/;

/** Where in a condition the end of `text` is. */
export function unfinished(text: string): Unfinished {
  const start = subject.exec(text);
  if (!start) return { stage: 'key', scope: undefined, prefix: text.trim() };
  const scope = start[1] as Scope | undefined;
  const key = unquoted(start[2] ?? '');
  const rest = text.slice(start[0].length);
  const operator = symbol.exec(rest) ?? word.exec(rest);
  if (operator) {
    const op = operator[1] as Exclude<Operator, 'exists'>;
    return { stage: 'value', scope, key, op, prefix: rest.slice(operator[0].length).trim() };
  }
  if (/^\s/.test(rest)) return { stage: 'operator', scope, key, prefix: rest.trim() };
  return { stage: 'key', scope, prefix: key };
}

/** The condition written in `text`, or undefined while it is not a whole one. */
export function parseCondition(text: string): Condition | undefined {
  const part = unfinished(text);
  if (part.stage === 'key') return undefined;
  const scope = part.scope ? { scope: part.scope } : {};
  if (part.stage === 'operator') {
    return part.prefix === 'exists' ? { ...scope, key: part.key, op: 'exists' } : undefined;
  }
  if (part.prefix === '') return undefined;
  return { ...scope, key: part.key, op: part.op, value: unquoted(part.prefix) };
}

/** The text that `parseCondition` reads as `condition`. */
export function printCondition({ scope, key, op, value }: Condition): string {
  const name = printKey(key, scope);
  return op === 'exists' ? `${name} exists` : `${name} ${op} ${printValue(value ?? '')}`;
}

export function printKey(key: string, scope: Scope | undefined): string {
  const plain = /^[^\s=!<>"]+$/.test(key) && !/^(span|resource):/.test(key);
  return (scope ? `${scope}:` : '') + (plain ? key : JSON.stringify(key));
}

export function printValue(value: string | number | boolean): string {
  const text = String(value);
  return text === '' || text !== text.trim() || text.startsWith('"') ? JSON.stringify(text) : text;
}

/** The text that a JSON string stands for; other texts stand for themselves. */
export function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
