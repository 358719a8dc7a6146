/** Settings in the names of the variables that say the same. */
export type Variables = Readonly<Record<string, string>>;

/** Those that have a value. */
export function given(
  values: Readonly<Record<string, string | number | boolean | null | undefined>>,
): Variables {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** What the environment says to OpenTelemetry. Which instrumentations are on is Node's own business. */
const isReplaced = (name: string): boolean => name.startsWith('OTEL_') && !name.startsWith('OTEL_NODE_');

/** The variables that `withVariables` replaces, as they are now. */
export const variablesNow = (): Variables =>
  given(Object.fromEntries(Object.entries(process.env).filter(([name]) => isReplaced(name))));

/** Calls `act` while the environment says these to OpenTelemetry and nothing else. */
export function withVariables<T>(variables: Variables, act: () => T): T {
  const before = process.env;
  const others = Object.entries(before).filter(([name]) => !isReplaced(name));
  process.env = { ...Object.fromEntries(others), ...variables };
  try {
    return act();
  } finally {
    process.env = before;
  }
}
