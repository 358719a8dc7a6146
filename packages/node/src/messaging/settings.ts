import { getStringFromEnv } from '@opentelemetry/core';
import { warnOnce } from './warn-once.ts';

/** What the span that handles a message has of the one that sent it: it as its parent, or a link to it from a trace of its own. */
export type Relation = 'child' | 'link';

/** How a batch that is handled as one is shown: one span with a link to each sender, or besides a child of each sender. */
export type BatchSpans = 'links' | 'children';

/** As THROUGHLINE_MESSAGING_CONSUMERS says. */
export const relationFromEnv = (): Relation => choice('THROUGHLINE_MESSAGING_CONSUMERS', ['child', 'link']);

/** As THROUGHLINE_MESSAGING_BATCHES says. */
export const batchSpansFromEnv = (): BatchSpans =>
  choice('THROUGHLINE_MESSAGING_BATCHES', ['links', 'children']);

/** Whether baggage goes along with messages: as THROUGHLINE_MESSAGING_BAGGAGE says. */
export const baggageFromEnv = (): boolean => choice('THROUGHLINE_MESSAGING_BAGGAGE', ['off', 'on']) === 'on';

/** The first where the variable is not set or says something else. */
function choice<T extends string>(variable: string, choices: readonly [T, ...T[]]): T {
  const text = getStringFromEnv(variable);
  if (text === undefined) return choices[0];
  const found = choices.find((each) => each === text);
  if (!found)
    warnOnce(variable, `${variable}=${text} is none of ${choices.join(', ')}; ${choices[0]} is used`);
  return found ?? choices[0];
}

/** Says at the start what is not understood of these variables, rather than with the first message. */
export function checkMessagingVariables(): void {
  relationFromEnv();
  batchSpansFromEnv();
  baggageFromEnv();
}
