import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Answer, httpAnswer } from './answer.ts';
import { compressed } from './compressed.ts';
import type { OtlpTarget } from './otlp-target.ts';
import { requestJson } from './request-json.ts';
import type { Sender } from './sender.ts';
import { version } from '../version.ts';

/** An answer says little; what comes after this much of it is not read. */
const maxAnswerBytes = 65_536;
/** So many connections may be found closed before an attempt counts as failed. */
const maxStale = 8;

/** OTLP over HTTP, as protobuf or as JSON. */
export class HttpSender implements Sender {
  readonly #target: OtlpTarget;
  readonly #request: typeof http.request;
  readonly #agent: http.Agent | https.Agent;

  constructor(target: OtlpTarget) {
    const secure = target.url.protocol === 'https:';
    this.#target = target;
    this.#request = (secure ? https : http).request;
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ...target.tls })
      : new http.Agent({ keepAlive: true });
  }

  async send(body: Buffer): Promise<Answer> {
    const request = this.#target.protocol === 'http/json' ? requestJson(body) : body;
    const bytes = this.#target.gzip ? await compressed(request) : request;
    for (let attempt = 0; attempt < maxStale; attempt++) {
      const answer = await this.#attempt(bytes);
      if (answer !== 'stale') return answer;
    }
    return { kind: 'later', why: new Error('the receiver closed every connection') };
  }

  /** `stale` is a connection that the receiver closed at the moment it was used again: nothing was read from it. */
  #attempt(body: Buffer): Promise<Answer | 'stale'> {
    const { url, headers, timeoutMs, gzip, protocol } = this.#target;
    return new Promise((resolve) => {
      const request = this.#request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'user-agent': `throughline-node/${version}`,
          ...headers,
          'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
          'content-length': body.length,
          ...(gzip && { 'content-encoding': 'gzip' }),
        },
      });
      const timer = setTimeout(() => {
        resolve({ kind: 'later', why: new Error(`no answer within ${timeoutMs} ms`), unanswered: true });
        request.destroy();
      }, timeoutMs).unref();
      request.on('socket', (socket) => socket.unref());
      request.on('error', (why: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const stale = request.reusedSocket && (why.code === 'ECONNRESET' || why.code === 'EPIPE');
        resolve(stale ? 'stale' : { kind: 'later', why });
      });
      request.on('response', (response) => {
        void read(response).then((said) => {
          clearTimeout(timer);
          resolve(
            said instanceof Error
              ? { kind: 'later', why: said }
              : httpAnswer(response.statusCode ?? 0, response.statusMessage ?? '', response.headers, said),
          );
        });
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function read(response: IncomingMessage): Promise<Buffer | Error> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (size < maxAnswerBytes) chunks.push(chunk);
      size += chunk.length;
    }
  } catch (error) {
    return error as Error;
  }
  return Buffer.concat(chunks);
}
