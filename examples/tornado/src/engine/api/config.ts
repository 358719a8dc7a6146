import type { Request, Route } from '../../http/route.ts';
import { nodeAt } from '../../tree/find-node.ts';
import type { FilterConfig } from '../../tree/tree-config.ts';
import type { Api } from './api.ts';
import type { Caller } from './auth.ts';
import { childrenOf, detailsOf, fullPath, ruleDetails, treeInfo } from './tree-view.ts';

const active = '/api/v2_beta/config/active';
const draft = '/api/v2_beta/config/draft';

type View = (tree: FilterConfig, caller: Caller, params: Readonly<Record<string, string>>) => object;

/** How the tree in force, and those of drafts, look. */
export function configRoutes(api: Api): Route[] {
  const children: View = (tree, { path }, { node }) => childrenOf(tree, path, node);
  const details: View = (tree, { path }, { node }) => detailsOf(nodeAt(tree, fullPath(path, node)));
  const rule: View = (tree, { path }, { ruleset, rule: name = '' }) =>
    ruleDetails(tree, fullPath(path, ruleset), name);
  const ofActive = (path: string, view: View): Route => ({
    method: 'GET',
    path: `${active}${path}`,
    handle: (request) => ({
      status: 200,
      body: view(api.engine.config, viewer(api, request), request.params),
    }),
  });
  const ofDraft = (path: string, view: View): Route => ({
    method: 'GET',
    path: `${draft}${path}`,
    handle: (request) => {
      const caller = viewer(api, request);
      const tree = api.drafts.tree(request.params['draft'] ?? '');
      return { status: 200, body: view(tree, caller, request.params) };
    },
  });
  return [
    ofActive('/tree/children/{auth}', children),
    ofActive('/tree/children/{auth}/{node}', children),
    ofActive('/tree/details/{auth}/{node}', details),
    ofActive('/tree/info/{auth}', (tree, { path }) => treeInfo(nodeAt(tree, path))),
    ofActive('/rule/details/{auth}/{ruleset}/{rule}', rule),
    ofDraft('/tree/children/{auth}/{draft}', children),
    ofDraft('/tree/children/{auth}/{draft}/{node}', children),
    ofDraft('/tree/details/{auth}/{draft}/{node}', details),
    ofDraft('/rule/details/{auth}/{draft}/{ruleset}/{rule}', rule),
  ];
}

function viewer(api: Api, { message, params }: Request): Caller {
  const caller = api.auth.callerFor(message, params['auth'] ?? '');
  caller.mustHave('ConfigView', 'ConfigEdit');
  return caller;
}
