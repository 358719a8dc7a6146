import {
  type Agent,
  type ClientRequestArgs,
  type IncomingHttpHeaders,
  request as plainRequest,
} from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most 64 KiB of it: longer than any answer that says something. */
  readonly body: Buffer;
}

const maxReplyBytes = 64 * 1024;

/** Posts `body`, and resolves with the whole reply, whatever it says; rejects when there is none within `timeoutMs` (0: ever). */
export function post(
  url: string,
  options: Pick<ClientRequestArgs, 'headers' | 'signal'> & { agent: Agent; timeoutMs: number },
  body: Uint8Array,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? tlsRequest : plainRequest;
    const request = send(url, { ...options, method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        if (length < maxReplyBytes) chunks.push(chunk.subarray(0, maxReplyBytes - length));
        length += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    if (options.timeoutMs > 0) {
      const late = () => request.destroy(new Error(`no answer within ${options.timeoutMs} ms`));
      const timer = setTimeout(late, options.timeoutMs);
      request.on('close', () => clearTimeout(timer));
    }
    request.on('error', reject);
    request.end(body);
  });
}
