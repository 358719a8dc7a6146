import { Piece } from '../config/piece.ts';
import type { Action } from '../event.ts';
import { withItem } from '../matcher/template.ts';
import type { Value, Values } from '../matcher/value.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ExecutionError, type Executor } from './executor.ts';

/** Runs all `actions` of its payload for every value in `target`, in which `${item}` is the value. */
export function foreachExecutor(telemetry: Telemetry, run: (action: Action) => Promise<unknown>): Executor {
  return {
    prepare: ({ payload, created_ms }) => {
      const { target, actions } = payload;
      if (!Array.isArray(target)) throw new ExecutionError('the "target" of the action is no list', false);
      if (!Array.isArray(actions)) throw new ExecutionError('the "actions" of the action are no list', false);
      const templates = actions.flatMap((each) => parseAction(each, created_ms, telemetry) ?? []);
      return {
        span: `Execute ${templates.length} Actions for ${target.length} Values`,
        run: async () => {
          const all = templates.flatMap((template) => target.map((item) => ofItem(template, item)));
          await Promise.all(all.map(run));
        },
      };
    },
  };
}

const ofItem = (template: Action, item: Value): Action => ({
  ...template,
  payload: withItem(template.payload, item) as Values,
});

/** What is no action is left out. */
function parseAction(value: Value, created_ms: number, telemetry: Telemetry): Action | undefined {
  try {
    const piece = new Piece(value, 'foreach').only('id', 'payload');
    return { id: piece.at('id').name(), payload: piece.at('payload').object() as Values, created_ms };
  } catch (error) {
    telemetry.log('warn', `ForEachExecutor - Not valid action format: ${(error as Error).message}`);
    return undefined;
  }
}
