import type { Handler } from 'hono';
import type { ApiOptions } from './options.ts';

/** A path that cannot end the attribute that it is written into. */
const prefixPattern = /^(\/[\w.~%-]+)+\/?$/;

/**
 * Answers with the web app. Behind a proxy that cuts off a part of the path and says so (X-Forwarded-Prefix) the page's
 * `<base>` gets that part back.
 */
export function respondWithUi(ui: NonNullable<ApiOptions['ui']>, basePath: string): Handler {
  return async (c) => {
    const path = c.req.path.slice(basePath.length) || '/';
    const prefix = c.req.header('X-Forwarded-Prefix') ?? '';
    if (!prefixPattern.test(prefix)) return ui.respond(path, c.req.raw.headers);
    const plain = new Headers(c.req.raw.headers);
    plain.delete('Accept-Encoding');
    plain.delete('If-None-Match');
    const response = await ui.respond(path, plain);
    if (!response.headers.get('Content-Type')?.startsWith('text/html')) return response;
    const headers = new Headers(response.headers);
    headers.delete('ETag');
    headers.delete('Content-Length');
    headers.append('Vary', 'X-Forwarded-Prefix');
    const base = `${prefix.replace(/\/$/, '')}${basePath}/`;
    const html = (await response.text()).replace(/<base href="[^"]*"/, `<base href="${base}"`);
    return new Response(html, { status: response.status, headers });
  };
}
