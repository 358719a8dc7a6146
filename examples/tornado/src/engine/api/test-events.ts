import type { Piece } from '../../config/piece.ts';
import { parseEvent } from '../../event.ts';
import type { Request, Route } from '../../http/route.ts';
import type { ProcessedNode } from '../../matcher/processed.ts';
import type { Values } from '../../matcher/value.ts';
import { compileTree } from '../../tree/compile-tree.ts';
import { restrict } from '../../tree/find-node.ts';
import type { FilterConfig } from '../../tree/tree-config.ts';
import type { Api } from './api.ts';
import type { Caller } from './auth.ts';
import { fromBody } from './body.ts';

/**
 * `POST …/event/active/{auth}` and `…/event/drafts/{auth}/{draft}` run a test event, `{event, process_type}`, through the part of
 * the tree that the caller may see, and answer what became of it. With `SkipActions` nothing is executed, with `Full` all is.
 */
export function testEventRoutes(api: Api): Route[] {
  const run = async (caller: Caller, tree: () => FilterConfig, { message }: Request): Promise<object> => {
    caller.mustHave('ConfigView', 'ConfigEdit', 'TestEventExecuteActions');
    const { event, full } = await fromBody(message, api.maxBodyBytes, parseRequest);
    if (full) caller.mustHave('TestEventExecuteActions');
    return { event, result: await process(api, restrict(tree(), caller.path), event, full) };
  };
  return [
    {
      method: 'POST',
      path: '/api/v2_beta/event/active/{auth}',
      handle: async (request) => {
        const caller = api.auth.callerFor(request.message, request.params['auth'] ?? '');
        return { status: 200, body: await run(caller, () => api.engine.config, request) };
      },
    },
    {
      method: 'POST',
      path: '/api/v2_beta/event/drafts/{auth}/{draft}',
      handle: async (request) => {
        const { auth = '', draft = '' } = request.params;
        const caller = api.auth.callerFor(request.message, auth);
        return { status: 200, body: await run(caller, () => api.drafts.tree(draft), request) };
      },
    },
  ];
}

function parseRequest(body: Piece): { event: Values; full: boolean } {
  const full =
    body.only('event', 'process_type').at('process_type').oneOf(['Full', 'SkipActions']) === 'Full';
  const event = { ...parseEvent(body.at('event').value) } as Values;
  const { iterator } = body.at('event').object();
  return { event: { ...event, ...(iterator !== undefined && { iterator: iterator as Values }) }, full };
}

function process(
  { engine, telemetry }: Api,
  config: FilterConfig,
  event: Values,
  full: boolean,
): Promise<ProcessedNode> {
  return telemetry.span('info', 'Process Event with current Processing Tree', {}, async () => {
    const processed = engine.match(compileTree(config), event);
    if (full) await engine.dispatch(processed);
    return processed;
  });
}
