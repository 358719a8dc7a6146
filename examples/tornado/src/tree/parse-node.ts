import type { Piece } from '../config/piece.ts';
import type { Values } from '../matcher/value.ts';
import type { FilterConfig, IteratorConfig, RuleConfig } from './tree-config.ts';

type Own<Config> = Omit<Config, 'nodes' | 'type' | 'file'>;

/** What a filter.json says; `type` may be left out. */
export function parseFilter(piece: Piece): Own<FilterConfig> {
  piece.only('type', 'name', 'description', 'active', 'filter');
  return {
    name: piece.at('name').name(),
    description: piece.at('description').text(''),
    active: piece.at('active').bool(true),
    filter: piece.at('filter').value,
  };
}

/** What an iterator.json says. */
export function parseIterator(piece: Piece): Own<IteratorConfig> {
  piece.only('type', 'name', 'description', 'active', 'target');
  return {
    name: piece.at('name').name(),
    description: piece.at('description').text(''),
    active: piece.at('active').bool(true),
    target: piece.at('target').text(),
  };
}

/** What a ruleset.json says. */
export const parseRuleset = (piece: Piece): { name: string } => ({
  name: piece.only('type', 'name').at('name').name(),
});

/** What a rule's file says. */
export function parseRule(piece: Piece): Omit<RuleConfig, 'file'> {
  piece.only('name', 'description', 'continue', 'active', 'constraint', 'actions');
  const constraint = piece.at('constraint');
  if (!constraint.isMissing) constraint.only('WHERE', 'WITH');
  return {
    name: piece.at('name').name(),
    description: piece.at('description').text(''),
    continue: piece.at('continue').bool(true),
    active: piece.at('active').bool(true),
    constraint: {
      WHERE: constraint.at('WHERE').value,
      WITH: constraint.at('WITH').isMissing ? {} : constraint.at('WITH').object(),
    },
    actions: piece
      .at('actions')
      .list()
      .map((action) => ({
        id: action.only('id', 'payload').at('id').name(),
        payload: (action.at('payload').isMissing ? {} : action.at('payload').object()) as Values,
      })),
  };
}
