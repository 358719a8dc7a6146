import type { ActionRunner } from '../executors/action-runner.ts';
import type { Action } from '../event.ts';
import type { ProcessedNode, ProcessedRule } from '../matcher/processed.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Has the actions executed that a processed event asks for; its spans are as the tree, and end when the actions are done. */
export class Dispatcher {
  readonly #runner: ActionRunner;
  readonly #telemetry: Telemetry;

  constructor(runner: ActionRunner, telemetry: Telemetry) {
    this.#runner = runner;
    this.#telemetry = telemetry;
  }

  /** All actions are begun in the order of the rules, and none waits for another; nothing where there are none. */
  dispatch(node: ProcessedNode): Promise<unknown> | undefined {
    return this.#emit(`Actions of ${node.type}: ${node.name}`, { name: node.name }, () => {
      switch (node.type) {
        case 'Filter':
          return node.nodes.map((each) => this.dispatch(each));
        case 'Iterator':
          return node.events.flatMap(({ nodes }) => nodes.map((each) => this.dispatch(each)));
        case 'Ruleset':
          return node.rules.rules.map((rule) => this.#dispatchRule(rule));
      }
    });
  }

  /** A rule that was looked at has its span whether it matched or not. */
  #dispatchRule({ name, status, actions }: ProcessedRule): Promise<unknown> | undefined {
    if (status === 'NotProcessed') return undefined;
    return this.#emit(`Actions of Rule: ${name}`, { name }, () => {
      if (status !== 'Matched') return [];
      this.#telemetry.log('debug', `Rule [${name}] matched, dispatching actions`);
      return actions.map((action, index) => this.#dispatchAction(action, index));
    });
  }

  #dispatchAction(action: Action, index: number): Promise<unknown> | undefined {
    const attributes = { action: index, action_id: action.id };
    return this.#emit(`Action: ${action.id}`, attributes, () => [this.#runner.run(action)]);
  }

  /** Where nothing is begun the span ends at once. */
  #emit(
    what: string,
    attributes: Record<string, string | number>,
    begin: () => (Promise<unknown> | undefined)[],
  ): Promise<unknown> | undefined {
    return this.#telemetry.span('error', `Emit ${what}`, { attributes }, () => {
      const begun = begin().filter((each) => each !== undefined);
      return begun.length === 0 ? undefined : Promise.all(begun);
    });
  }
}
