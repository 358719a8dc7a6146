import { Connection } from './connection.ts';
import { type Hop, failure, hopWith } from './hop.ts';
import { type Probe, type Sent, described } from './probe.ts';
import type { Target } from './targets.ts';

/** Publishes headers on a subject of the probe's own (HPUB), and looks at what comes (HMSG). */
export async function throughNats(target: Target, probe: Probe, sent: Sent, timeoutMs: number): Promise<Hop> {
  let connection: Connection | undefined;
  try {
    const url = new URL(target.address);
    connection = await Connection.open(url, 4222, false, timeoutMs);
    const info = JSON.parse((await connection.line()).replace(/^INFO /, '')) as {
      headers?: boolean;
      tls_required?: boolean;
    };
    if (!info.headers) {
      const found = 'the server takes no headers, so no context goes with messages';
      const advice =
        'Allow headers (no_header_support in its configuration), or put the context into the message.';
      return hopWith(target, sent, { status: 'problem', found, advice });
    }
    if (info.tls_required || url.protocol === 'tls:') await connection.secure(url.hostname);
    const context = probe.survived(sent, await echoed(connection, url, sent));
    const found = `${described(context)}, in the headers of a message`;
    return hopWith(target, sent, { status: context.traceId ? 'ok' : 'problem', found, context });
  } catch (error) {
    const found = `no message came through (${failure(error)})`;
    const advice = 'Is it running, and may this user publish and subscribe?';
    return hopWith(target, sent, { status: 'problem', found, advice });
  } finally {
    connection?.close();
  }
}

/** The headers with which a message comes back. */
async function echoed(connection: Connection, url: URL, sent: Sent): Promise<Record<string, string>> {
  const [user, pass] = [url.username, url.password].map(decodeURIComponent);
  const login = pass ? { user, pass } : user ? { auth_token: user } : {};
  const subject = `throughline.probe.${sent.span.spanContext().spanId}`;
  const lines = Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `NATS/1.0\r\n${lines.join('')}\r\n`;
  const bytes = Buffer.byteLength(head);
  const options = {
    verbose: false,
    pedantic: false,
    headers: true,
    protocol: 1,
    lang: 'throughline',
    ...login,
  };
  connection.write(
    `CONNECT ${JSON.stringify(options)}\r\nSUB ${subject} 1\r\nHPUB ${subject} ${bytes} ${bytes}\r\n${head}\r\n`,
  );
  for (;;) {
    const line = await connection.line();
    if (line.startsWith('-ERR')) throw new Error(line.slice(5));
    if (line === 'PING') connection.write('PONG\r\n');
    if (!line.startsWith('HMSG ')) continue;
    const [headBytes = 0, allBytes = 0] = line.split(' ').slice(-2).map(Number);
    const text = (await connection.block(allBytes)).toString('utf8', 0, headBytes);
    const pairs = text
      .split('\r\n')
      .slice(1)
      .filter((each) => each !== '');
    return Object.fromEntries(
      pairs.map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1).trim()]),
    );
  }
}
