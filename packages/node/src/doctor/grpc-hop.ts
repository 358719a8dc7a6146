import { type IncomingHttpHeaders, connect } from 'node:http2';
import { type Hop, failure, hopWith } from './hop.ts';
import type { Sent } from './probe.ts';
import type { Target } from './targets.ts';

const health = 'grpc.health.v1.Health/Check';

/** Calls a method with an empty message, which every method takes; the health check where none is named. */
export async function throughGrpc(target: Target, sent: Sent, timeoutMs: number): Promise<Hop> {
  const [scheme, rest = target.address] = /^(https?|grpcs?):\/\/(.*)$/.exec(target.address)?.slice(1) ?? [];
  const [authority = '', ...path] = rest.split('/');
  const method = path.length > 0 ? path.join('/') : health;
  try {
    const secure = scheme === 'https' || scheme === 'grpcs';
    const code = await call(`${secure ? 'https' : 'http'}://${authority}`, method, sent.headers, timeoutMs);
    sent.span.setAttribute('rpc.grpc.status_code', code);
    const unhealthy = code === 12 && method === health;
    const found = unhealthy ? 'it answers, and has no health check' : `it answers with status ${code}`;
    const advice = 'Name a method that it has, and that may be called: host:port/package.Service/Method.';
    return hopWith(target, sent, { status: 'ok', found, ...(unhealthy && { advice }) }, true);
  } catch (error) {
    const found = `no answer (${failure(error)})`;
    const advice = 'Is it running, and does it speak gRPC on this port?';
    return hopWith(target, sent, { status: 'problem', found, advice });
  }
}

async function call(
  authority: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<number> {
  const session = connect(authority);
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ...headers,
        ':method': 'POST',
        ':path': `/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      let status: string | undefined;
      const seen = (each: IncomingHttpHeaders): void => {
        const found = each['grpc-status'];
        if (found !== undefined) status = String(found);
      };
      stream.on('response', seen).on('trailers', seen).on('error', reject);
      stream.setTimeout(timeoutMs, () => reject(new Error(`none in ${timeoutMs} ms`)));
      stream
        .resume()
        .on('end', () => (status === undefined ? reject(new Error('no status')) : resolve(Number(status))));
      stream.end(Buffer.alloc(5));
    });
  } finally {
    session.destroy();
  }
}
