import { propagation } from '@opentelemetry/api';
import { type Fields, readCarrier } from './carrier.ts';
import { warnOnce } from './warn-once.ts';

/** Says once for each messaging system that a message came with something in the place of a context that is none. */
export function warnOfBrokenContext(system: string, carrier: unknown): void {
  const found = brokenIn(carrier);
  if (found === undefined) return;
  warnOnce(
    `broken context ${system}`,
    `a message from ${system} has a context that cannot be read (${found}) and starts a new trace; this is said once`,
  );
}

function brokenIn(carrier: unknown): string | undefined {
  let fields: Fields;
  try {
    fields = readCarrier(carrier, propagation.fields());
  } catch (error) {
    return error instanceof Error ? error.message : 'it throws';
  }
  const name = propagation.fields().find((each) => identifies(each) && fields.has(each));
  return name === undefined ? undefined : `${name}: ${shown(fields.get(name))}`;
}

/** The field of each propagator without which there is no context; the others say something about one. */
const identifies = (field: string): boolean => /^traceparent$|^b3$|trace-?id$/.test(field);

const shown = (values: unknown): string => {
  const text = JSON.stringify(values);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
