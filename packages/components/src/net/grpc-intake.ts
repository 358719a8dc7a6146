import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { Server as TlsServer } from 'node:tls';
import { InvalidData } from '@throughline/model';
import {
  type Endpoint,
  loadServerTls,
  type Log,
  reloadServerTls,
  type ServerTls,
} from '@throughline/pipeline';
import type { Arrival, Arrivals } from './arrivals.ts';
import { type ContentCoding, contentCodings, isContentCoding } from './compression.ts';
import { type Keepalive, keepSession } from './grpc-keepalive.ts';
import { GrpcMessage } from './grpc-message.ts';
import { parseGrpcTimeout, statusTrailers } from './grpc-status.ts';
import { listen, type Transport } from './listen.ts';
import { grpcCode, type Outcome, outcomeOf, Refused } from './outcome.ts';

export interface GrpcIntakeOptions {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly tls?: ServerTls | undefined;
  /** Of the message as sent, and again after decompression. */
  readonly maxMessageBytes: number;
  /** Per connection; undefined: no limit. */
  readonly maxConcurrentStreams?: number | undefined;
  readonly keepalive: Keepalive;
}

/** Takes the request message of a unary call, and resolves with the message of the answer. */
export type Method = (message: Uint8Array) => Promise<Uint8Array>;

/** Windows so large that a batch does not wait for its sender to be allowed to go on. */
const streamWindowBytes = 4 * 1024 * 1024;
const sessionWindowBytes = 16 * 1024 * 1024;
const maxFrameBytes = 1024 * 1024;
const maxTimerMs = 2 ** 31 - 1;

const responseHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const okTrailers = { 'grpc-status': '0' };

/**
 * A gRPC server for unary calls that carry data in, by hand on node:http2: about half of what grpc-js takes for each
 * message. `methods` are keyed by path.
 */
export class GrpcIntake {
  readonly #options: GrpcIntakeOptions;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #arrivals: Arrivals;
  readonly #log: Log;
  readonly #refused: (outcome: Outcome) => void;
  readonly #sessions = new Set<ServerHttp2Session>();
  #server: Http2Server | undefined;
  #stopReload = () => {};

  constructor(
    options: GrpcIntakeOptions,
    methods: ReadonlyMap<string, Method>,
    arrivals: Arrivals,
    log: Log,
    refused: (outcome: Outcome) => void,
  ) {
    this.#options = options;
    this.#methods = methods;
    this.#arrivals = arrivals;
    this.#log = log;
    this.#refused = refused;
  }

  /** Listens; `what` names the server in the sentence of a StartError. */
  async start(what: string): Promise<Endpoint> {
    const { tls, endpoint, transport } = this.#options;
    const server = tls
      ? createSecureServer({ ...(await loadServerTls(tls)), ...this.#limits(), ALPNProtocols: ['h2'] })
      : createServer(this.#limits());
    if (tls) this.#stopReload = reloadServerTls(server as unknown as TlsServer, tls, this.#log);
    server.on('session', (session) => this.#keep(session));
    server.on('sessionError', () => {});
    server.on('stream', (stream, headers) => this.#answer(stream, headers));
    this.#server = server as Http2Server;
    return listen(this.#server, endpoint, what, transport);
  }

  /** Tells every client to go elsewhere, finishes the calls that have begun, for at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopReload();
    const server = this.#server;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const session of this.#sessions) session.close();
    const late = setTimeout(() => this.#sessions.forEach((session) => session.destroy()), graceMs);
    await closed;
    clearTimeout(late);
  }

  #limits(): ServerOptions & SecureServerOptions {
    const { maxConcurrentStreams } = this.#options;
    return {
      maxSessionMemory: 256,
      settings: {
        initialWindowSize: streamWindowBytes,
        maxFrameSize: maxFrameBytes,
        maxHeaderListSize: 64 * 1024,
        ...(maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams }),
      },
    };
  }

  #keep(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setLocalWindowSize(sessionWindowBytes);
    session.on('error', () => {});
    const letGo = keepSession(session, this.#options.keepalive);
    session.on('close', () => {
      letGo();
      this.#sessions.delete(session);
    });
  }

  #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {});
    const wrong = httpStatusOf(headers);
    if (wrong !== undefined) {
      stream.respond({ ':status': wrong, 'content-type': 'text/plain' }, { endStream: true });
      stream.close(constants.NGHTTP2_NO_ERROR);
      return;
    }
    const call = new Call(stream, this.#arrivals, (outcome) => this.#refused(outcome));
    const method = this.#methods.get(headers[':path'] ?? '');
    if (!method)
      return call.fail(new Refused(grpcCode.unimplemented, 404, `unknown method ${headers[':path']}`));
    call.take(headers, method, this.#options.maxMessageBytes);
  }
}

/** What is no gRPC call at all is answered by plain HTTP. */
function httpStatusOf(headers: IncomingHttpHeaders): number | undefined {
  if (headers[':method'] !== 'POST') return 405;
  return /^application\/grpc(\+proto|;|$)/i.test(headers['content-type'] ?? '') ? undefined : 415;
}

/** One call, from its headers to its one answer. */
class Call {
  readonly #stream: ServerHttp2Stream;
  readonly #arrival: Arrival;
  readonly #refused: (outcome: Outcome) => void;
  #deadline: NodeJS.Timeout | undefined;
  #answered = false;

  constructor(stream: ServerHttp2Stream, arrivals: Arrivals, refused: (outcome: Outcome) => void) {
    this.#stream = stream;
    this.#refused = refused;
    this.#arrival = arrivals.begin(() => stream.close(constants.NGHTTP2_CANCEL));
    stream.on('close', () => {
      clearTimeout(this.#deadline);
      this.#arrival.end();
    });
  }

  /** Hot: runs for every call. */
  take(headers: IncomingHttpHeaders, method: Method, maxBytes: number): void {
    const coding = String(headers['grpc-encoding'] ?? 'identity');
    if (coding !== 'identity' && !isContentCoding(coding))
      return this.fail(
        new Refused(grpcCode.unimplemented, 415, `the grpc-encoding ${coding} is not supported`),
      );
    if (!this.#setDeadline(headers['grpc-timeout'])) return;
    const message = new GrpcMessage(maxBytes, this.#arrival);
    this.#stream.on('data', (chunk: Buffer) => {
      if (this.#answered) return;
      this.#arrival.touch();
      try {
        message.append(chunk);
      } catch (error) {
        this.fail(error);
      }
    });
    this.#stream.on('end', () => {
      this.#arrival.complete();
      if (!this.#answered && !this.#stream.aborted) void this.#run(message, coding, method, maxBytes);
    });
  }

  /** Answers with a status and nothing else, also while the client is still sending. */
  fail(error: unknown): void {
    if (!this.#answerable()) return;
    this.#arrival.end();
    const outcome = outcomeOf(error);
    this.#refused(outcome);
    const accepted = outcome.code === grpcCode.unimplemented && { 'grpc-accept-encoding': acceptedEncodings };
    this.#stream.respond(
      { ...responseHeaders, ...accepted, ...statusTrailers(outcome) },
      { endStream: true },
    );
    if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  async #run(message: GrpcMessage, coding: 'identity' | ContentCoding, method: Method, maxBytes: number) {
    try {
      const answer = await method(await this.#decompressed(message, coding, maxBytes));
      this.#arrival.recycle();
      this.#succeed(answer);
    } catch (error) {
      this.fail(error);
    } finally {
      this.#arrival.end();
    }
  }

  async #decompressed(message: GrpcMessage, coding: 'identity' | ContentCoding, maxBytes: number) {
    const { bytes, compressed } = message.take();
    if (!compressed) return bytes;
    if (coding === 'identity')
      throw new InvalidData('gRPC framing: a compressed message, but the call has no grpc-encoding');
    return this.#arrival.decompress(coding, bytes, maxBytes);
  }

  #succeed(answer: Uint8Array): void {
    if (!this.#answerable()) return;
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(okTrailers));
    this.#stream.respond(responseHeaders, { waitForTrailers: true });
    const frame = Buffer.alloc(5 + answer.length);
    frame.writeUInt32BE(answer.length, 1);
    frame.set(answer, 5);
    this.#stream.end(frame);
  }

  /** True once, while there is somebody to answer. */
  #answerable(): boolean {
    if (this.#answered || this.#stream.closed || this.#stream.destroyed) return false;
    this.#answered = true;
    return true;
  }

  /** False when there is no time left, or none that can be read. */
  #setDeadline(header: string | string[] | undefined): boolean {
    if (header === undefined) return true;
    const ms = parseGrpcTimeout(String(header));
    if (ms === undefined) this.fail(new InvalidData(`grpc-timeout: ${String(header)} is not a time`));
    else if (ms <= maxTimerMs)
      this.#deadline = setTimeout(
        () =>
          this.fail(new Refused(grpcCode.deadlineExceeded, 503, 'the time that the sender allows is over')),
        ms,
      );
    return ms !== undefined;
  }
}

const acceptedEncodings = ['identity', ...contentCodings].join(',');
