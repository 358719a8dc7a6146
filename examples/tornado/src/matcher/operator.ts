import type { Piece } from '../config/piece.ts';
import { compileRegex } from './regex.ts';
import { type Getter, type Scope, compileText, compileValue } from './template.ts';
import { type Value, compare, equal, isMap } from './value.ts';

export type Operator = (scope: Scope) => boolean;

type Test = (first: Value, second: Value) => boolean;

const ordered =
  (test: (order: number) => boolean): Test =>
  (first, second) => {
    const order = compare(first, second);
    return order !== undefined && test(order);
  };

const lower = (value: Value | undefined): string | undefined =>
  typeof value === 'string' ? value.toLowerCase() : undefined;

/** By name, each with both sides there. */
const tests: Record<string, Test> = {
  contains: (first, second) => {
    if (Array.isArray(first)) return first.some((each) => equal(each, second));
    if (typeof second !== 'string') return false;
    if (typeof first === 'string') return first.includes(second);
    return isMap(first) && Object.hasOwn(first, second);
  },
  containsIgnoreCase: (first, second) => {
    const wanted = lower(second);
    if (wanted === undefined) return false;
    if (Array.isArray(first)) return first.some((each) => lower(each) === wanted);
    if (isMap(first)) return Object.keys(first).some((key) => lower(key) === wanted);
    return lower(first)?.includes(wanted) ?? false;
  },
  equalsIgnoreCase: (first, second) => lower(first) !== undefined && lower(first) === lower(second),
  ge: ordered((order) => order >= 0),
  gt: ordered((order) => order > 0),
  le: ordered((order) => order <= 0),
  lt: ordered((order) => order < 0),
};

const aliases: Record<string, string> = {
  contain: 'contains',
  containIgnoreCase: 'containsIgnoreCase',
  equal: 'equals',
  equalIgnoreCase: 'equalsIgnoreCase',
  notEquals: 'ne',
  notEqual: 'ne',
};

const names = ['AND', 'OR', 'NOT', ...Object.keys(tests), 'equals', 'ne', 'regex'];

/** `undefined`, null and `{}` are true of everything. */
export function compileOperator(piece: Piece): Operator {
  if (piece.isMissing || Object.keys(piece.object()).length === 0) return () => true;
  const given = piece.at('type').text();
  const type = aliases[given] ?? given;
  switch (type) {
    case 'AND': {
      const all = operatorsIn(piece);
      return (scope) => all.every((operator) => operator(scope));
    }
    case 'OR': {
      const all = operatorsIn(piece);
      return (scope) => all.some((operator) => operator(scope));
    }
    case 'NOT': {
      piece.only('type', 'operator').at('operator').object();
      const operator = compileOperator(piece.at('operator'));
      return (scope) => !operator(scope);
    }
    case 'regex':
      return compileRegexOperator(piece);
    case 'equals':
      return compileEquals(piece);
    case 'ne': {
      const isEqual = compileEquals(piece);
      return (scope) => !isEqual(scope);
    }
    default: {
      const test = Object.hasOwn(tests, type) ? tests[type] : undefined;
      if (!test) return piece.at('type').fail(`"${given}" is none of ${names.join(', ')}`);
      return compileTest(piece, test);
    }
  }
}

const operatorsIn = (piece: Piece): Operator[] =>
  piece.only('type', 'operators').at('operators').list().map(compileOperator);

/** False where one of the sides is not there. */
function compileTest(piece: Piece, test: Test): Operator {
  piece.only('type', 'first', 'second');
  const first = side(piece.at('first'));
  const second = side(piece.at('second'));
  return (scope) => {
    const left = first(scope);
    const right = second(scope);
    return left !== undefined && right !== undefined && test(left, right);
  };
}

/** Of two that are both not there too. */
function compileEquals(piece: Piece): Operator {
  piece.only('type', 'first', 'second');
  const first = side(piece.at('first'));
  const second = side(piece.at('second'));
  return (scope) => {
    const left = first(scope);
    const right = second(scope);
    return left === undefined || right === undefined ? left === right : equal(left, right);
  };
}

function side(piece: Piece): Getter<Scope> {
  if (piece.value === undefined) piece.fail('is missing');
  return compiled(piece, () => {
    const value = piece.value as Value;
    return typeof value === 'string' ? compileValue(value) : () => value;
  });
}

function compileRegexOperator(piece: Piece): Operator {
  piece.only('type', 'regex', 'target');
  const regex = compiled(piece.at('regex'), () => compileRegex(piece.at('regex').text()));
  const target = compiled(piece.at('target'), () => compileText(piece.at('target').text()));
  return (scope) => {
    const text = target(scope);
    return typeof text === 'string' && regex.test(text);
  };
}

/** What `compile` returns; what it throws is said of `piece`. */
export function compiled<T>(piece: Piece, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    return piece.fail(error instanceof Error ? error.message : String(error));
  }
}
