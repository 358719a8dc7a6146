import type * as Http2 from 'node:http2';
import { createRequire } from 'node:module';
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { type Answer, grpcAnswer, grpcCodeOf } from './answer.ts';
import { compressed } from './compressed.ts';
import type { OtlpTarget } from './otlp-target.ts';
import type { Sender } from './sender.ts';
import { version } from '../version.ts';

const require = createRequire(import.meta.url);
const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

interface Connection {
  readonly session: Http2.ClientHttp2Session;
  /** Of the session, which lets go of one that is not connected yet without ending it. */
  readonly socket: Net.Socket;
  /** What ended it. */
  lost?: Error;
}

/** OTLP over gRPC: its one unary call, directly on HTTP/2. */
export class GrpcSender implements Sender {
  readonly #target: OtlpTarget;
  readonly #headers: Record<string, string>;
  #connection: Connection | undefined;

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
    const connection = this.#open();
    const { session } = connection;
    return new Promise((resolve) => {
      const stream = session.request(this.#headers);
      const { timeoutMs } = this.#target;
      const timer = setTimeout(() => {
        resolve({ kind: 'later', why: new Error(`no answer within ${timeoutMs} ms`), unanswered: true });
        // A connection that nobody answers on may be dead without anybody knowing.
        this.#forget(connection);
        end(connection);
      }, timeoutMs).unref();
      const headers: Http2.IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      let failure: Error | undefined;
      stream.on('response', (head) => Object.assign(headers, head));
      stream.on('trailers', (trailers) => Object.assign(headers, trailers));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => (failure = error));
      // Why the whole connection is lost is known a little later than that its streams are.
      stream.on('close', () =>
        setImmediate(() => {
          clearTimeout(timer);
          resolve(answerOf(headers, Buffer.concat(chunks), connection.lost ?? failure));
        }),
      );
      stream.write(frame);
      stream.end(message);
    });
  }

  #open(): Connection {
    const { session: open } = this.#connection ?? {};
    if (this.#connection && !open?.closed && !open?.destroyed) return this.#connection;
    // Loading it takes milliseconds of a start, which those who send over HTTP need not spend.
    const { connect } = require('node:http2') as typeof Http2;
    const socket = socketTo(this.#target);
    const session = connect(this.#target.url.origin, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    const connection: Connection = { session, socket };
    session.on('error', (error) => {
      connection.lost = error;
      this.#forget(connection);
    });
    session.on('goaway', () => this.#forget(connection));
    session.on('close', () => this.#forget(connection));
    session.unref();
    return (this.#connection = connection);
  }

  #forget(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  close(): void {
    if (this.#connection) end(this.#connection);
    this.#connection = undefined;
  }
}

/** An attempt to connect that is under way keeps a process alive, whatever it is told; only its end does not. */
function end({ session, socket }: Connection): void {
  session.destroy();
  socket.destroy();
}

function socketTo({ url, tls }: OtlpTarget): Net.Socket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const { isIP, connect } = require('node:net') as typeof Net;
  if (url.protocol !== 'https:') return connect({ host, port: Number(url.port || 80) });
  const { connect: secure } = require('node:tls') as typeof Tls;
  const servername = isIP(host) ? undefined : host;
  return secure({
    host,
    port: Number(url.port || 443),
    ALPNProtocols: ['h2'],
    ...(servername && { servername }),
    ...tls,
  });
}

function answerOf(headers: Http2.IncomingHttpHeaders, body: Buffer, failure: Error | undefined): Answer {
  const status = Number(headers[':status'] ?? 0);
  if (status === 0) return { kind: 'later', why: failure ?? new Error('the connection was closed') };
  const given = headers['grpc-status'];
  const code = given === undefined ? grpcCodeOf(status === 200 ? 503 : status) : Number(given);
  const trailers =
    given === undefined ? { 'grpc-message': failure?.message ?? `HTTP status ${status}` } : headers;
  return grpcAnswer(code, trailers, body.subarray(5));
}
