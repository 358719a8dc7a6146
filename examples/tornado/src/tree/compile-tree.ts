import { NotValid, Piece } from '../config/piece.ts';
import { type Extractor, compileExtractor } from '../matcher/extractor.ts';
import { type Operator, compileOperator, compiled } from '../matcher/operator.ts';
import { type Getter, type Scope, compileText, compileValue } from '../matcher/template.ts';
import type { NodeConfig, RuleConfig } from './tree-config.ts';

/** A node that can be run. */
export type TreeNode =
  | { type: 'Filter'; name: string; active: boolean; matches: Operator; nodes: TreeNode[] }
  | { type: 'Iterator'; name: string; active: boolean; target: Getter<Scope>; nodes: TreeNode[] }
  | { type: 'Ruleset'; name: string; rules: Rule[] };

export interface Rule {
  name: string;
  continue: boolean;
  where: Operator;
  /** By variable. */
  extractors: readonly (readonly [variable: string, extract: Extractor])[];
  actions: readonly { id: string; payload: Getter<Scope> }[];
}

/** Throws all that is wrong with what the nodes say, a line for each file. Rules that are not active are left out. */
export function compileTree(root: NodeConfig): TreeNode {
  const problems: string[] = [];
  const node = compileNode(root, problems);
  if (problems.length > 0) throw new NotValid(problems.join('\n'));
  return node;
}

function compileNode(config: NodeConfig, problems: string[]): TreeNode {
  const { name } = config;
  if (config.type === 'Ruleset') {
    const rules = config.rules.flatMap((rule) =>
      rule.active ? (tried(problems, () => compileRule(rule)) ?? []) : [],
    );
    return { type: 'Ruleset', name, rules };
  }
  const { active, file } = config;
  const nodes = config.nodes.map((node) => compileNode(node, problems));
  if (config.type === 'Filter') {
    const matches = tried(problems, () => compileOperator(new Piece(config.filter, file, 'filter')));
    return { type: 'Filter', name, active, matches: matches ?? (() => false), nodes };
  }
  const piece = new Piece(config.target, file, 'target');
  const target = tried(problems, () => {
    if (!/^\$\{[^}]+\}$/.test(config.target))
      piece.fail('must be one accessor, such as ${event.payload.list}');
    return compiled(piece, () => compileText(config.target));
  });
  return { type: 'Iterator', name, active, target: target ?? (() => undefined), nodes };
}

function compileRule(config: RuleConfig): Rule {
  const piece = new Piece({ constraint: config.constraint, actions: config.actions }, config.file);
  const constraint = piece.at('constraint');
  return {
    name: config.name,
    continue: config.continue,
    where: compileOperator(constraint.at('WHERE')),
    extractors: constraint
      .at('WITH')
      .entries()
      .map(([variable, extractor]) => {
        if (!/^\w+$/.test(variable)) extractor.fail('its name must be made of letters, digits and _');
        return [variable, compileExtractor(extractor)] as const;
      }),
    actions: piece
      .at('actions')
      .list()
      .map((action, index) => {
        const { id = '', payload = {} } = config.actions[index] ?? {};
        return { id, payload: compiled(action.at('payload'), () => compileValue(payload)) };
      }),
  };
}

/** `undefined` and a problem where the configuration is not valid. */
function tried<T>(problems: string[], compile: () => T): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof NotValid)) throw error;
    problems.push(error.message);
    return undefined;
  }
}
