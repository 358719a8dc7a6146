import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';

const smallest = 1_024;
const zip = promisify(gzip);
const brotli = promisify(brotliCompress);

/**
 * Gives answers in JSON an ETag (304 where the client has it), and compresses those that are worth it with what the
 * client takes. Streams pass untouched.
 */
export const compressed: MiddlewareHandler = async (c, next) => {
  await next();
  const type = c.res.headers.get('Content-Type') ?? '';
  if (!/^application\/(problem\+)?json/.test(type)) return;
  const status = c.res.status;
  const body = Buffer.from(await c.res.arrayBuffer());
  const headers = new Headers(c.res.headers);
  headers.delete('Content-Length');
  headers.append('Vary', 'Accept-Encoding');
  if (status === 200) {
    // Weak: the same content in any encoding.
    const etag = `W/"${createHash('sha1').update(body).digest('base64url')}"`;
    headers.set('ETag', etag);
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'private, no-cache');
    if (matches(c.req.header('If-None-Match'), etag)) {
      headers.delete('Content-Type');
      c.res = undefined;
      c.res = new Response(null, { status: 304, headers });
      return;
    }
  }
  const accepted = acceptedEncodings(c.req.header('Accept-Encoding') ?? '');
  let sent: Uint8Array<ArrayBuffer> = body;
  if (body.length >= smallest && accepted.has('br')) {
    headers.set('Content-Encoding', 'br');
    sent = await brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
  } else if (body.length >= smallest && accepted.has('gzip')) {
    headers.set('Content-Encoding', 'gzip');
    sent = await zip(body, { level: 3 });
  }
  headers.set('Content-Length', String(sent.length));
  c.res = undefined;
  c.res = new Response(sent, { status, headers });
};

/** RFC 9110, 13.1.2: weak comparison of the listed tags. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag));
}

/** Without those that the client refuses with `q=0`. */
function acceptedEncodings(header: string): Set<string> {
  const accepted = header.split(',').flatMap((part) => {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name!];
  });
  return new Set(accepted);
}
