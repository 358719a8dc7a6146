import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** A NATS client in a few lines: one that knows nothing of tracing, and shows what is on the wire. */
export class PlainNats {
  readonly #socket: Socket;
  readonly #handlers = new Map<string, (payload: string, headers: string, reply: string) => void>();
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      while (this.#next()) continue;
    });
    socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n');
  }

  static async connect(url: string): Promise<PlainNats> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new PlainNats(socket);
  }

  /** `headers` are lines, each with its line end; `reply` is where an answer is to go. */
  publish(subject: string, payload: string, { headers = '', reply = '' } = {}): void {
    const body = Buffer.from(payload);
    const head = Buffer.from(headers && `NATS/1.0\r\n${headers}\r\n`);
    const sizes = headers ? `${head.length} ${head.length + body.length}` : `${body.length}`;
    this.#socket.write(`${headers ? 'HPUB' : 'PUB'} ${subject} ${reply} ${sizes}\r\n`);
    this.#socket.write(Buffer.concat([head, body, Buffer.from('\r\n')]));
  }

  /** Resolves when the server has it. */
  async subscribe(
    subject: string,
    handler: (payload: string, headers: string, reply: string) => void,
  ): Promise<void> {
    const id = String(this.#handlers.size + 1);
    this.#handlers.set(id, handler);
    const pong = once(this.#socket, 'pong');
    this.#socket.write(`SUB ${subject} ${id}\r\nPING\r\n`);
    await pong;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Takes one operation of the protocol off what has come; false where that is not yet all there. */
  #next(): boolean {
    const end = this.#received.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#received.subarray(0, end).toString();
    const [operation = '', , id = '', ...rest] = line.split(' ');
    if (operation === 'PING') this.#socket.write('PONG\r\n');
    if (operation === 'PONG') this.#socket.emit('pong');
    if (operation !== 'MSG' && operation !== 'HMSG') {
      this.#received = this.#received.subarray(end + 2);
      return true;
    }
    const total = Number(rest.pop());
    const head = operation === 'HMSG' ? Number(rest.pop()) : 0;
    const start = end + 2;
    if (this.#received.length < start + total + 2) return false;
    const content = this.#received.subarray(start, start + total);
    this.#received = this.#received.subarray(start + total + 2);
    this.#handlers.get(id)?.(
      content.subarray(head).toString(),
      content.subarray(0, head).toString(),
      rest[0] ?? '',
    );
    return true;
  }
}
