import { promisify } from 'node:util';
import { gzip as gzipOf } from 'node:zlib';

const gzip = promisify(gzipOf);

/** In a thread of the pool, and fast rather than small: half the CPU time of the usual level, a sixth more bytes. */
export async function compressed(body: Buffer): Promise<Buffer> {
  return gzip(body, { level: 1 });
}
