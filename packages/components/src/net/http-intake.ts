import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import {
  type Cors,
  type Endpoint,
  loadServerTls,
  type Log,
  reloadServerTls,
  type ServerTls,
} from '@throughline/pipeline';
import type { Arrival, Arrivals } from './arrivals.ts';
import { isContentCoding } from './compression.ts';
import { answerCors } from './cors.ts';
import { Aborted, drain, readBody } from './http-body.ts';
import { listen, type Transport } from './listen.ts';
import { mediaType } from './media-type.ts';
import { grpcCode, type Outcome, outcomeOf, Refused } from './outcome.ts';

export interface HttpIntakeOptions {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly tls?: ServerTls | undefined;
  readonly cors?: Cors | undefined;
  /** Of the body as sent, and again after decompression. */
  readonly maxBodyBytes: number;
  /** Names of `Content-Encoding` that are understood. */
  readonly contentCodings: readonly string[];
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly keepAlive: boolean;
  /** 0: no limit. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** What may be posted to one path, by media type. */
export type Route = ReadonlyMap<string, Encoding>;

export interface Encoding {
  /** Takes a body, and resolves with the body of the answer, of the same media type. */
  readonly take: (body: Uint8Array) => Promise<Uint8Array | string>;
  /** The body of the answer to a request that failed. */
  readonly explain: (outcome: Outcome) => Uint8Array | string;
}

/** How long a sender may go on writing what has been refused already. */
const drainMs = 5000;

/** An HTTP server to which data is posted: plain node:http, as every request is on the hot path. */
export class HttpIntake {
  readonly #options: HttpIntakeOptions;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #arrivals: Arrivals;
  readonly #log: Log;
  readonly #refused: (outcome: Outcome) => void;
  readonly #connections = new Set<Socket>();
  readonly #requests = new Set<IncomingMessage>();
  #server: Server | undefined;
  #stopReload = () => {};
  #stopping = false;

  constructor(
    options: HttpIntakeOptions,
    routes: ReadonlyMap<string, Route>,
    arrivals: Arrivals,
    log: Log,
    refused: (outcome: Outcome) => void,
  ) {
    this.#options = options;
    this.#routes = routes;
    this.#arrivals = arrivals;
    this.#log = log;
    this.#refused = refused;
  }

  /** Listens; `what` names the server in the sentence of a StartError. */
  async start(what: string): Promise<Endpoint> {
    const { tls, endpoint, transport } = this.#options;
    const server = tls
      ? createTlsServer({ ...(await loadServerTls(tls)), ...this.#limits() })
      : createServer(this.#limits());
    if (tls) this.#stopReload = reloadServerTls(server as TlsServer, tls, this.#log);
    const answer: RequestListener = (request, response) => {
      this.#requests.add(request);
      response.on('close', () => {
        this.#requests.delete(request);
        if (this.#stopping && this.#requests.size === 0) this.#cut();
      });
      void this.#answer(request, response);
    };
    server.on('request', answer);
    server.on('checkContinue', answer);
    for (const event of ['connection', 'secureConnection'])
      server.on(event, (socket: Socket) => {
        this.#connections.add(socket);
        socket.on('close', () => this.#connections.delete(socket));
      });
    this.#server = server;
    return listen(server, endpoint, what, transport);
  }

  /** Finishes the requests that have begun, for at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopReload();
    const server = this.#server;
    if (!server?.listening) return;
    this.#stopping = true;
    const closed = new Promise((resolve) => server.close(resolve));
    const late = setTimeout(() => this.#cut(), graceMs);
    if (this.#requests.size === 0) this.#cut();
    await closed;
    clearTimeout(late);
  }

  #cut(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  #limits() {
    const { headersTimeoutMs, requestTimeoutMs, idleTimeoutMs } = this.#options;
    return {
      highWaterMark: 1024 * 1024,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      keepAliveTimeout: idleTimeoutMs,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs ? Math.min(headersTimeoutMs, requestTimeoutMs) : headersTimeoutMs,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { responseHeaders, cors, keepAlive } = this.#options;
    if (this.#stopping || !keepAlive) response.shouldKeepAlive = false;
    for (const name in responseHeaders) response.setHeader(name, responseHeaders[name]!);
    if (answerCors(cors, request, response)) return;
    const route = this.#routes.get(pathOf(request.url ?? '/'));
    const type = mediaType(request.headers['content-type']);
    const encoding = route?.get(type);
    if (route && encoding && request.method === 'POST') return this.#take(request, response, type, encoding);
    if (!route) plain(response, 404, '404 page not found');
    else if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      plain(response, 405, '405 method not allowed, supported: [POST]');
    } else plain(response, 415, `415 unsupported media type, supported: [${[...route.keys()].join(', ')}]`);
    drain(request, this.#options.maxBodyBytes, drainMs);
  }

  /** Hot: runs for every request. */
  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    type: string,
    encoding: Encoding,
  ): Promise<void> {
    const arrival = this.#arrivals.begin(() => request.socket.destroy());
    try {
      const body = await this.#body(request, response, arrival);
      const answer = await encoding.take(body);
      arrival.recycle();
      send(response, 200, type, answer);
    } catch (error) {
      if (error instanceof Aborted) return;
      const outcome = outcomeOf(error);
      this.#refused(outcome);
      if (outcome.retryDelayMs !== undefined)
        response.setHeader('Retry-After', String(Math.max(1, Math.ceil(outcome.retryDelayMs / 1000))));
      if (outcome.httpStatus === 415)
        response.setHeader('Accept-Encoding', this.#options.contentCodings.join(', '));
      if (stillWaits(request)) response.shouldKeepAlive = false;
      send(response, outcome.httpStatus, type, encoding.explain(outcome));
      drain(request, 4 * this.#options.maxBodyBytes, drainMs);
    } finally {
      arrival.end();
    }
  }

  async #body(request: IncomingMessage, response: ServerResponse, arrival: Arrival): Promise<Uint8Array> {
    const { maxBodyBytes, contentCodings } = this.#options;
    const coding = request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
    if (coding !== 'identity' && !(isContentCoding(coding) && contentCodings.includes(coding)))
      throw new Refused(grpcCode.invalidArgument, 415, `the Content-Encoding ${coding} is not supported`);
    const reading = readBody(request, maxBodyBytes, arrival);
    if (waitsForContinue(request)) response.writeContinue();
    const sent = await reading;
    return coding === 'identity' ? sent : arrival.decompress(coding, sent, maxBodyBytes);
  }
}

function waitsForContinue({ headers }: IncomingMessage): boolean {
  return headers.expect !== undefined;
}

/** Nothing of the body is on its way. */
function stillWaits(request: IncomingMessage): boolean {
  return waitsForContinue(request) && !request.readableDidRead;
}

/** Also of the absolute form that a proxy may pass on. */
function pathOf(url: string): string {
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : url;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function plain(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: Uint8Array | string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
  });
  const { req: request } = response;
  if (request.complete || response.shouldKeepAlive || stillWaits(request)) return void response.end(body);
  // A connection that is not to be kept is cut when the answer has ended, and who is still writing would lose the answer.
  response.write(body);
  request.once('end', () => response.end());
}
