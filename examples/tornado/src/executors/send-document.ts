import { ExecutionError, type Executor, textIn } from './executor.ts';

/** A server has this long to answer. */
const patienceMs = 10_000;

/**
 * Posts the `data` of an action to `<endpoint>/<index>/_doc/`, as Elasticsearch takes documents. The request is instrumented, so
 * the trace goes on in a server that reads its headers.
 */
export const sendDocument: Executor = {
  prepare: (action) => {
    const { data } = action.payload;
    if (data === undefined) throw new ExecutionError('the payload of the action has no "data"', false);
    const index = encodeURIComponent(textIn(action, 'index'));
    const endpoint = `${textIn(action, 'endpoint').replace(/\/$/, '')}/${index}/_doc/`;
    return { span: `Send document to: ${endpoint}`, run: () => post(endpoint, JSON.stringify(data)) };
  },
};

async function post(endpoint: string, body: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message || String(cause) : message;
    throw new ExecutionError(`${endpoint} cannot be reached: ${reason}`, true);
  }
  const said = await response.text();
  if (!response.ok)
    throw new ExecutionError(`${endpoint} answered ${response.status}: ${said.slice(0, 200)}`, true);
}
