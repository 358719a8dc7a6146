import type { Values } from '../../examples/tornado/src/matcher/value.ts';
import type {
  ActionConfig,
  FilterConfig,
  IteratorConfig,
  NodeConfig,
  RuleConfig,
  RulesetConfig,
} from '../../examples/tornado/src/tree/tree-config.ts';

const common = { file: 'test', description: '', active: true };

export const filter = (name: string, condition: unknown, ...nodes: NodeConfig[]): FilterConfig => ({
  type: 'Filter',
  ...common,
  name,
  filter: condition,
  nodes,
});

export const iterator = (name: string, target: string, ...nodes: NodeConfig[]): IteratorConfig => ({
  type: 'Iterator',
  ...common,
  name,
  target,
  nodes,
});

export const ruleset = (name: string, ...rules: RuleConfig[]): RulesetConfig => ({
  type: 'Ruleset',
  file: 'test',
  name,
  rules,
});

export const rule = (
  name: string,
  WHERE: unknown,
  actions: ActionConfig[],
  options: Partial<Pick<RuleConfig, 'continue' | 'active'>> & { WITH?: Record<string, unknown> } = {},
): RuleConfig => {
  const { WITH = {}, ...rest } = options;
  return { ...common, continue: true, ...rest, name, constraint: { WHERE, WITH }, actions };
};

export const action = (id: string, payload: Values): ActionConfig => ({ id, payload });
export const equals = (first: unknown, second: unknown): object => ({ type: 'equals', first, second });
export const ofType = (type: string): object => equals('${event.type}', type);

/** What most tests run with: a branch for each thing that can happen to an event. */
export const manyRules: FilterConfig = filter(
  'root',
  {},
  filter(
    'github',
    equals('${event.payload.source}', 'github'),
    ruleset(
      'pushes',
      rule('main_branch', equals('${event.payload.ref}', 'refs/heads/main'), [
        action('logger', { message: 'push to ${event.payload.repository_name}' }),
      ]),
      rule('release', { type: 'regex', regex: '/release-', target: '${event.payload.ref}' }, [
        action('logger', { message: 'release' }),
      ]),
    ),
  ),
  filter(
    'scripts',
    ofType('script'),
    ruleset(
      'run',
      rule('flaky', {}, [
        action('script', { script: './fail-until.sh', args: ['${event.payload.ticket}', 2] }),
      ]),
    ),
  ),
  filter(
    'broken',
    ofType('broken'),
    ruleset('no_script', rule('lacks_script', {}, [action('script', { args: ['x'] })])),
  ),
  filter(
    'values',
    ofType('values'),
    ruleset(
      'each',
      rule('for_each', {}, [
        action('foreach', {
          target: '${event.payload.values}',
          actions: [
            { id: 'logger', payload: { first: '${item}' } },
            { id: 'logger', payload: { second: 'the value is ${item}' } },
          ],
        }),
      ]),
    ),
  ),
  filter(
    'alpha',
    equals('${event.metadata.tenant_id}', 'alpha'),
    ruleset('alpha_rules', rule('alpha_log', ofType('tenant'), [action('logger', { tenant: 'alpha' })])),
  ),
  filter(
    'beta',
    equals('${event.metadata.tenant_id}', 'beta'),
    ruleset('beta_rules', rule('beta_log', ofType('tenant'), [action('logger', { tenant: 'beta' })])),
  ),
);
