import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A request is answered with this status; the message is the body. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(status: number, message = STATUS_CODES[status] ?? String(status)) {
    super(message);
    this.status = status;
  }
}

export interface Request {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  message: IncomingMessage;
}

export interface Answer {
  status: number;
  /** A text as it is, anything else as JSON. */
  body?: unknown;
}

export interface Route {
  method: string;
  /** Such as `/event/{id}`. */
  path: string;
  handle(this: void, request: Request): Answer | Promise<Answer>;
}

/** The route of a request; with a `path` alone, there are others for other methods. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route?: Route; path?: string; params: Record<string, string> } {
  let otherMethod: string | undefined;
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (!params) continue;
    if (route.method === method) return { route, path: route.path, params };
    otherMethod ??= route.path;
  }
  return { ...(otherMethod !== undefined && { path: otherMethod }), params: {} };
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const segment = decoded(given[i] ?? '');
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** What is left of a body that is too large is waited for this long, and no longer. */
const patienceMs = 1000;

/**
 * The body of a request; one that is larger is refused with 413, and the rest of it dropped: a client that still writes
 * when the connection is closed does not get to read the answer.
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const ended = new Promise<void>((resolve, reject) => message.once('end', resolve).once('error', reject));
  const tooLarge = new Promise<true>((resolve) => {
    if (Number(message.headers['content-length'] ?? 0) > maxBytes) resolve(true);
    // Unlike `for await`, this leaves the connection open, for the answer.
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) resolve(true);
      else chunks.push(chunk);
    });
  });
  if (await Promise.race([tooLarge, ended])) {
    await Promise.race([ended, delay(patienceMs, undefined, { ref: false })]);
    throw new HttpError(413, `the body must not be larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString();
}
