import { NotValid, Piece } from '../../config/piece.ts';
import { type Answer, HttpError, type Request, type Route } from '../../http/route.ts';
import { rulesetAt } from '../../tree/find-node.ts';
import { parseRule } from '../../tree/parse-node.ts';
import type { FilterConfig, RuleConfig } from '../../tree/tree-config.ts';
import type { Api } from './api.ts';
import type { Caller } from './auth.ts';
import { fromBody } from './body.ts';
import { fullPath } from './tree-view.ts';

const drafts = '/api/v2_beta/config/drafts/{auth}';
const rules = '/api/v2_beta/config/draft/rule/details/{auth}/{draft}/{ruleset}';

/** Drafts: made of the tree in force, changed rule by rule, tried with test events, and put in force. */
export function draftRoutes(api: Api, deploy: (tree: FilterConfig) => void): Route[] {
  const route = (
    method: string,
    path: string,
    act: (caller: Caller, draft: string, request: Request) => unknown,
  ): Route => ({
    method,
    path,
    handle: async (request): Promise<Answer> => {
      const { auth = '', draft = '' } = request.params;
      const caller = api.auth.callerFor(request.message, auth);
      caller.mustHave('ConfigEdit');
      try {
        return { status: 200, body: await act(caller, draft, request) };
      } catch (error) {
        throw error instanceof NotValid ? new HttpError(400, error.message) : error;
      }
    },
  });
  const editRules =
    (edit: (rules: RuleConfig[], name: string, given: RuleConfig | undefined) => RuleConfig[]) =>
    async ({ path }: Caller, draft: string, request: Request): Promise<void> => {
      mustBeTheirs(api, draft, request);
      const tree = api.drafts.tree(draft);
      const ruleset = rulesetAt(tree, fullPath(path, request.params['ruleset']));
      const given = request.message.method === 'DELETE' ? undefined : await ruleIn(api, request);
      ruleset.rules = edit(ruleset.rules, request.params['rule'] ?? '', given);
      api.drafts.update(draft, tree);
    };
  return [
    route('GET', drafts, () => api.drafts.list()),
    route('POST', drafts, ({ user }) => ({ id: api.drafts.create(user, api.engine.config) })),
    route('DELETE', `${drafts}/{draft}`, (_, draft) => api.drafts.delete(draft)),
    route('POST', `${drafts}/{draft}/deploy`, (_, draft) => deploy(api.drafts.tree(draft))),
    route('POST', `${drafts}/{draft}/takeover`, ({ user }, draft) => api.drafts.takeOver(draft, user)),
    route(
      'POST',
      rules,
      editRules((all, _, given) => (given ? [...all, given] : all)),
    ),
    route('PUT', `${rules}/{rule}`, editRules(replaced)),
    route('DELETE', `${rules}/{rule}`, editRules(replaced)),
  ];
}

/** With `given` in the place of the rule called `name`, or nothing there. */
function replaced(all: RuleConfig[], name: string, given: RuleConfig | undefined): RuleConfig[] {
  if (!all.some((rule) => rule.name === name)) throw new HttpError(404, `there is no rule ${name}`);
  return all.flatMap((rule) => (rule.name === name ? (given ?? []) : rule));
}

/** Two people do not work on one draft. */
function mustBeTheirs({ auth, drafts: all }: Api, draft: string, { message, params }: Request): void {
  const { user } = auth.callerFor(message, params['auth'] ?? '');
  const { user: owner } = all.data(draft);
  if (owner !== user) throw new HttpError(403, `${owner} works on this draft`);
}

function ruleIn(api: Api, { message }: Request): Promise<RuleConfig> {
  return fromBody(message, api.maxBodyBytes, (body) => ({
    file: 'body',
    ...parseRule(new Piece(body.value, 'body')),
  }));
}
