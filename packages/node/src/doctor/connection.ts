import { type Socket, connect, isIP } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

/** A connection that is read piece by piece. Everything that is awaited rejects when it fails or takes too long. */
export class Connection {
  #socket: Socket;
  readonly #timeoutMs: number;
  #bytes = Buffer.alloc(0);
  #failed: Error | undefined;
  #wake = (): void => {};

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#listen(socket);
  }

  static async open(url: URL, port: number, secure: boolean, timeoutMs: number): Promise<Connection> {
    const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
    const options = { host, port: Number(url.port) || port };
    const socket = secure
      ? connectSecurely({ ...options, servername: isIP(host) ? '' : host })
      : connect(options);
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', resolve).once('error', reject);
      socket.setTimeout(timeoutMs, () => reject(new Error(`no answer in ${timeoutMs} ms`)));
    }).catch((error: unknown) => {
      socket.destroy();
      throw error;
    });
    return new Connection(socket, timeoutMs);
  }

  /** Goes on under TLS. */
  async secure(host: string): Promise<void> {
    this.#socket.removeAllListeners('data');
    const socket = connectSecurely({ socket: this.#socket, servername: isIP(host) ? '' : host });
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    this.#socket = socket;
    this.#listen(socket);
  }

  write(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Up to the next CR LF, without it. */
  async line(): Promise<string> {
    await this.#until(() => this.#bytes.includes('\r\n'));
    const end = this.#bytes.indexOf('\r\n');
    const line = this.#bytes.toString('utf8', 0, end);
    this.#bytes = this.#bytes.subarray(end + 2);
    return line;
  }

  /** So many bytes, and the CR LF behind them. */
  async block(bytes: number): Promise<Buffer> {
    await this.#until(() => this.#bytes.length >= bytes + 2);
    const block = this.#bytes.subarray(0, bytes);
    this.#bytes = this.#bytes.subarray(bytes + 2);
    return block;
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    const fail = (error: Error): void => {
      this.#failed ??= error;
      this.#wake();
    };
    socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  }

  async #until(enough: () => boolean): Promise<void> {
    const deadline = Date.now() + this.#timeoutMs;
    while (!enough()) {
      if (this.#failed) throw this.#failed;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no answer in ${this.#timeoutMs} ms`);
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }
}
