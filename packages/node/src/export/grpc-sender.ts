import http2, { type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { type Answer, grpcAnswer, grpcCodeOf } from './answer.ts';
import type { OtlpTarget } from './otlp-target.ts';
import { type Sender, compressed } from './sender.ts';
import { version } from '../version.ts';

const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** OTLP over gRPC: its one unary call, directly on HTTP/2. */
export class GrpcSender implements Sender {
  readonly #target: OtlpTarget;
  readonly #headers: Record<string, string>;
  #session: ClientHttp2Session | undefined;
  /** What ended the last connection. */
  #lost: Error | undefined;

  constructor(target: OtlpTarget) {
    this.#target = target;
    const own = Object.entries(target.headers).map(([name, value]) => [name.toLowerCase(), value]);
    this.#headers = {
      'user-agent': `throughline-node/${version}`,
      ...(Object.fromEntries(own) as Record<string, string>),
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.min(Math.ceil(target.timeoutMs), 99_999_999)}m`,
      'grpc-accept-encoding': 'identity',
      ...(target.gzip && { 'grpc-encoding': 'gzip' }),
    };
  }

  async send(body: Buffer): Promise<Answer> {
    const { gzip } = this.#target;
    const message = gzip ? await compressed(body) : body;
    const frame = Buffer.allocUnsafe(5);
    frame.writeUInt8(gzip ? 1 : 0);
    frame.writeUInt32BE(message.length, 1);
    return this.#call(frame, message);
  }

  #call(frame: Buffer, message: Buffer): Promise<Answer> {
    const session = this.#open();
    return new Promise((resolve) => {
      const stream = session.request(this.#headers);
      const { timeoutMs } = this.#target;
      const timer = setTimeout(() => {
        resolve({ kind: 'later', why: new Error(`no answer within ${timeoutMs} ms`), unanswered: true });
        // A connection that nobody answers on may be dead without anybody knowing.
        this.#forget(session);
        session.destroy();
      }, timeoutMs).unref();
      let head: IncomingHttpHeaders = {};
      let trailers: IncomingHttpHeaders = {};
      let failure: Error | undefined;
      const chunks: Buffer[] = [];
      stream.on('response', (headers) => (head = headers));
      stream.on('trailers', (headers) => (trailers = headers));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => (failure = error));
      stream.on('close', () => {
        clearTimeout(timer);
        resolve(answerOf({ ...head, ...trailers }, Buffer.concat(chunks), this.#lost ?? failure));
      });
      stream.write(frame);
      stream.end(message);
    });
  }

  #open(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = http2.connect(this.#target.url.origin, {
      ...this.#target.tls,
      settings: { enablePush: false },
    });
    this.#lost = undefined;
    session.on('error', (error) => {
      this.#lost = error;
      this.#forget(session);
    });
    session.on('goaway', () => this.#forget(session));
    session.on('close', () => this.#forget(session));
    session.unref();
    return (this.#session = session);
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }
}

function answerOf(headers: IncomingHttpHeaders, body: Buffer, failure: Error | undefined): Answer {
  const status = Number(headers[':status'] ?? 0);
  if (status === 0) return { kind: 'later', why: failure ?? new Error('the connection was closed') };
  const given = headers['grpc-status'];
  const code = given === undefined ? grpcCodeOf(status === 200 ? 503 : status) : Number(given);
  const trailers =
    given === undefined ? { 'grpc-message': failure?.message ?? `HTTP status ${status}` } : headers;
  return grpcAnswer(code, trailers, body.subarray(5));
}
