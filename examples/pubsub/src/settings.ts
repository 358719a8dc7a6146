/** What the environment says about the services. What is missing or wrong ends the service at its start, in one line. */
export const settings = {
  /** How long client, server and worker pause for each request, so that the steps can be told apart. */
  pauseMs: number('PAUSE_MS', 1000),
  /** How long a service waits for what it needs, trying again all the while. */
  patienceMs: number('PATIENCE_MS', 60_000),
  /** The client sleeps for this long instead of trying whether the server is there, as the original did. */
  blindWaitMs: number('BLIND_WAIT_MS', 0),
  /** How many requests the client sends. */
  requests: number('REQUESTS', 5),
  /** Where the server listens. */
  serverPort: number('SERVER_PORT', 8080),
};

const examples = {
  OTEL_AGENT_URL: 'localhost:4327',
  REDIS_URL: 'redis://localhost:6379/0',
  SERVER_URL: 'http://localhost:8080/hello',
};

/** The values of these variables. Ends the process if one is missing, and says which. */
export function required<Name extends keyof typeof examples>(...names: Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0)
    giveUp(missing.map((name) => `${name} is not set; for example ${name}=${examples[name]}`).join('; '));
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
}

/** One line instead of a stack trace: it is for whoever set the service up. */
export function giveUp(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

function number(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : giveUp(`${name}=${text} is not a number`);
}
