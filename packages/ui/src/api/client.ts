import type { Problem } from '@throughline/query/api';

/** What the server answered instead of a success (RFC 9457 problem details), or that it did not answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly title: string;
  readonly detail: string | undefined;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  constructor(problem: Pick<Problem, 'title' | 'detail' | 'status'>, options?: ErrorOptions) {
    super(problem.detail ? `${problem.title}: ${problem.detail}` : problem.title, options);
    this.title = problem.title;
    this.detail = problem.detail;
    this.status = problem.status;
  }
}

/** Whether asking again may help: the question was not wrong. */
export function retryable(error: Error): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500 || error.status === 429);
}

/** Parameters of a question. What is undefined or '' is left out; an array or object is sent as JSON. */
export type Params = { readonly [name: string]: unknown };

/** The address of a question to /throughline/v1, relative to where the app is mounted. */
export function apiUrl(path: string, params: Params = {}): URL {
  const url = new URL(`throughline/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue;
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return url;
}

/** Asks /throughline/v1; `T` is the answer's type in '@throughline/query/api'. Throws `ApiProblem`. */
export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(apiUrl(path, params), signal ? { signal } : {});
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  return (await response.json()) as T;
}

/** Sends a file to /throughline/v1, with an answer as `get` has it. */
export async function post<T>(path: string, body: Blob, signal: AbortSignal): Promise<T> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  const response = await send(apiUrl(path), { method: 'POST', headers, body, signal });
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  return (await response.json()) as T;
}

async function send(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ApiProblem(
      { title: 'The server does not answer', detail: `No connection to ${url.origin}.`, status: 0 },
      { cause },
    );
  }
}

async function problemOf(response: Response): Promise<Pick<Problem, 'title' | 'detail' | 'status'>> {
  const plain = {
    title: `The server answered ${response.status} ${response.statusText}`.trim(),
    status: response.status,
  };
  if (!response.headers.get('content-type')?.includes('problem+json')) return plain;
  try {
    return (await response.json()) as Problem;
  } catch {
    return plain;
  }
}
