import { trace } from '@opentelemetry/api';
import type { ActionRunner } from '../executors/action-runner.ts';
import { type Event, asValue } from '../event.ts';
import { type Step, match } from '../matcher/match.ts';
import type { ProcessedNode } from '../matcher/processed.ts';
import type { Values } from '../matcher/value.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type TreeNode, compileTree } from '../tree/compile-tree.ts';
import type { FilterConfig } from '../tree/tree-config.ts';
import { Dispatcher } from './dispatcher.ts';

/** What becomes of events: they are matched against the tree, and the actions of the rules that match are executed. */
export class Engine {
  readonly #telemetry: Telemetry;
  readonly #metrics: Metrics;
  readonly #dispatcher: Dispatcher;
  #config: FilterConfig;
  #tree: TreeNode;

  /** Throws what is wrong with the tree. */
  constructor(config: FilterConfig, runner: ActionRunner, telemetry: Telemetry, metrics: Metrics) {
    this.#config = config;
    this.#tree = compileTree(config);
    this.#telemetry = telemetry;
    this.#metrics = metrics;
    this.#dispatcher = new Dispatcher(runner, telemetry);
  }

  /** The tree that is in force. */
  get config(): FilterConfig {
    return this.#config;
  }

  /** Takes another tree from now on; throws what is wrong with it, and keeps the one it has. */
  deploy(config: FilterConfig): void {
    this.#tree = compileTree(config);
    this.#config = config;
  }

  /** Resolves when all that the event causes is done; `source` says where it came from. */
  async process(event: Event, source: string): Promise<void> {
    const began = performance.now();
    this.#metrics.count('events_received_counter', { source, event_type: event.type });
    trace.getActiveSpan()?.setAttributes({ 'event.type': event.type, ...tenantOf(event) });
    await this.dispatch(this.match(this.#tree, asValue(event) as Values));
    this.#metrics.count('events_processed_counter', { event_type: event.type });
    const seconds = (performance.now() - began) / 1000;
    this.#metrics.observe('events_processed_duration_seconds', seconds, { event_type: event.type });
  }

  /** Runs an event through a tree; nothing is executed. */
  match(tree: TreeNode, event: Values): ProcessedNode {
    return this.#telemetry.span('info', 'Match against Processing Tree', {}, (span) => {
      const processed = match(tree, event, this.#step);
      const rules = matchedIn(processed);
      span.setAttributes({ 'rules.matched': rules, 'rules.matched.count': rules.length });
      return processed;
    });
  }

  /** Executes the actions of the rules that matched; resolves when that is done. */
  async dispatch(processed: ProcessedNode): Promise<void> {
    await this.#telemetry.span('debug', 'Emit matched Actions', {}, () =>
      this.#dispatcher.dispatch(processed),
    );
  }

  readonly #step: Step = (name, work, describe) =>
    this.#telemetry.span('debug', name, {}, (span) => {
      const result = work();
      if (describe) span.setAttributes(describe(result));
      return result;
    });
}

function tenantOf({ metadata }: Event): { tenant_id?: string } {
  return typeof metadata['tenant_id'] === 'string' ? { tenant_id: metadata['tenant_id'] } : {};
}

/** Names of the rules that match, with a rule below an iterator as often as it does. */
function matchedIn(node: ProcessedNode): string[] {
  switch (node.type) {
    case 'Filter':
      return node.nodes.flatMap(matchedIn);
    case 'Iterator':
      return node.events.flatMap(({ nodes }) => nodes.flatMap(matchedIn));
    case 'Ruleset':
      return node.rules.rules.filter(({ status }) => status === 'Matched').map(({ name }) => name);
  }
}
