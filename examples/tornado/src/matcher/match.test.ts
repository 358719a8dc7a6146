import { expect, test } from 'vitest';
import { compileTree } from '../tree/compile-tree.ts';
import type { RuleConfig } from '../tree/tree-config.ts';
import { match } from './match.ts';
import type { ProcessedNode } from './processed.ts';
import type { Values } from './value.ts';

const rule = (name: string, more: Partial<RuleConfig> & { WITH?: Record<string, unknown> }): RuleConfig => {
  const { WITH = {}, ...rest } = more;
  const constraint = { WHERE: {}, WITH };
  return {
    file: `${name}.json`,
    name,
    description: '',
    continue: true,
    active: true,
    constraint,
    actions: [],
    ...rest,
  };
};
const word = (from: string): object => ({ from, regex: { match: '[a-z]+', group_match_idx: 0 } });

const run = (event: Values, ...rules: RuleConfig[]): ProcessedNode =>
  match(compileTree({ type: 'Ruleset', file: 'r', name: 'r', rules }), event, (_, work) => work());

function statuses(node: ProcessedNode): string[] {
  if (node.type !== 'Ruleset') throw new Error('no ruleset');
  return node.rules.rules.map(
    ({ name, status, message }) => `${name} ${status}${message ? `: ${message}` : ''}`,
  );
}

test('a rule that matches and does not go on ends the ruleset; one that only matches partly does not', () => {
  const partial = rule('partial', { continue: false, WITH: { x: word('${event.nothing}') } });
  expect(statuses(run({}, partial, rule('last', { continue: false }), rule('unseen', {})))).toEqual([
    'partial PartiallyMatched: the variable x cannot be extracted: it is not in the event',
    'last Matched',
    'unseen NotProcessed',
  ]);
});

test('variables are seen by later rules of the same ruleset, with the name of their rule', () => {
  const first = rule('first', { WITH: { x: word('${event.text}'), y: word('${event.text}') } });
  const logger = (payload: Values) => [{ id: 'logger', payload }];
  const own = rule('own', {
    WITH: { x: word('${_variables.first.x}') },
    actions: logger({ x: '${_variables.x}' }),
  });
  const other = rule('other', { actions: logger({ x: '${_variables.first.y}' }) });
  const unknown = rule('unknown', { actions: logger({ x: '${_variables.x}' }) });
  const result = run({ text: '12 abc', created_ms: 7 }, first, own, other, unknown);
  expect(statuses(result)).toEqual([
    'first Matched',
    'own Matched',
    'other Matched',
    'unknown PartiallyMatched: the action logger refers to something that is not there',
  ]);
  if (result.type !== 'Ruleset') throw new Error('no ruleset');
  expect(result.rules.extracted_vars).toEqual({ first: { x: 'abc', y: 'abc' }, own: { x: 'abc' } });
  expect(result.rules.rules[1]?.actions).toEqual([{ id: 'logger', payload: { x: 'abc' }, created_ms: 7 }]);
});

test('where one variable is missing none is kept', () => {
  const partial = rule('partial', { WITH: { x: word('${event.text}'), y: word('${event.nothing}') } });
  const result = run({ text: 'abc' }, partial);
  expect(result.type === 'Ruleset' && result.rules.extracted_vars).toEqual({});
});

test('a rule that is not active is not there', () => {
  expect(statuses(run({}, rule('off', { active: false }), rule('on', {})))).toEqual(['on Matched']);
});

test.each([
  [{ a: 1, b: 2 }, 'Matched', ['a', 'b']],
  [[5, 6], 'Matched', [0, 1]],
  [[], 'Matched', []],
  ['text', 'TypeError', []],
  [undefined, 'AccessorError', []],
])('an iterator over %j is %s, once for each of %j', (target, status, iterations) => {
  const tree = compileTree({
    type: 'Iterator',
    file: 'i',
    name: 'i',
    description: '',
    active: true,
    target: '${event.target}',
    nodes: [],
  });
  const result = match(tree, target === undefined ? {} : { target }, (_, work) => work());
  if (result.type !== 'Iterator') throw new Error('no iterator');
  expect(result.iterator.status).toBe(status);
  expect(result.events.map(({ event }) => (event['iterator'] as Values)['iteration'])).toEqual(iterations);
});
