import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

interface UiFile {
  readonly body: Buffer;
  /** Zips it when first asked, beside the main thread: some files are large, and most visitors need few. */
  readonly zipped: (() => Promise<Buffer>) | undefined;
  readonly type: string;
  readonly etag: string;
  /** Its name changes whenever its content does. */
  readonly lasting: boolean;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const compressible = new Set(['.html', '.js', '.css', '.json', '.svg']);

/** The built web app's folder: beside the package of the app, wherever that is installed. */
export function uiDirectory(): string {
  return fileURLToPath(new URL('dist', import.meta.resolve('@throughline/ui/package.json')));
}

/**
 * The files of the web app, held in memory. Pages of the app have no file of their own: every path that is not a file
 * is answered with index.html, in which `<base>` says where the app is mounted.
 */
export class UiFiles {
  readonly #files: ReadonlyMap<string, UiFile>;

  /** `basePath` is empty or such as `/tracing`. Without a built app in `directory` every path is not found. */
  constructor(directory: string, basePath: string) {
    this.#files = new Map(
      listFiles(directory).map((name) => [
        `/${name.split(sep).join('/')}`,
        load(join(directory, name), name, basePath),
      ]),
    );
  }

  /** What a browser gets for GET `path`, which has no base path any more. */
  async respond(path: string, request: Headers): Promise<Response> {
    const file = this.#files.get(path) ?? (extname(path) === '' ? this.#files.get('/index.html') : undefined);
    if (!file) return new Response('not found\n', { status: 404 });
    const headers: Record<string, string> = {
      'content-type': file.type,
      etag: file.etag,
      'cache-control': file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    };
    if (file.zipped) headers['vary'] = 'accept-encoding';
    if (request.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
    const zip = file.zipped && /\bgzip\b/.test(request.get('accept-encoding') ?? '');
    if (zip) headers['content-encoding'] = 'gzip';
    return new Response(new Uint8Array(zip ? await file.zipped!() : file.body), { headers });
  }
}

function listFiles(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(directory.length)
          .replace(/^[\\/]/, ''),
      );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function load(file: string, name: string, basePath: string): UiFile {
  const content = readFileSync(file);
  const body = name === 'index.html' ? Buffer.from(withBase(content.toString(), basePath)) : content;
  return {
    body,
    zipped: compressible.has(extname(name)) ? zipping(body) : undefined,
    type: types[extname(name)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    lasting: name.startsWith(`assets${sep}`),
  };
}

function zipping(body: Buffer): () => Promise<Buffer> {
  let zipped: Promise<Buffer> | undefined;
  return () => (zipped ??= promisify(gzip)(body));
}

function withBase(html: string, basePath: string): string {
  return html.replace(/<base href="[^"]*"/, `<base href="${basePath}/"`);
}
