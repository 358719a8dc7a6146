import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type RequestOptions, request as requestSecurely } from 'node:https';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** When it was asked and when it began to answer, in milliseconds since 1970. */
  readonly asked: number;
  readonly answered: number;
}

const maxBytes = 16 << 20;

/** One request on a connection of its own. Rejects where there is no answer in time. */
export async function ask(
  url: URL,
  options: RequestOptions & { body?: Buffer | string; timeoutMs: number },
): Promise<Answered> {
  const { body, timeoutMs, ...more } = options;
  const send = url.protocol === 'https:' ? requestSecurely : request;
  const asked = Date.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = send(url, { ...more, agent: false, signal: AbortSignal.timeout(timeoutMs) }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
  const answered = Date.now();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, text: Buffer.concat(chunks).toString(), asked, answered };
}
