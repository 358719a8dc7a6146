import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from '@throughline/model';

/** The ClickHouse library, out of the platform package that `chdb` depends on. StartError where there is none. */
export function libraryFile(): string {
  const { platform, arch } = process;
  const name = `@chdb/lib-${platform}-${arch}${platform === 'linux' ? '-gnu' : ''}`;
  try {
    const chdb = createRequire(createRequire(import.meta.url).resolve('chdb/package.json'));
    const library = join(dirname(chdb.resolve(`${name}/package.json`)), 'libchdb.so');
    if (existsSync(library)) return library;
  } catch {
    // Said below.
  }
  throw new StartError(
    `there is no embedded ClickHouse for ${platform}-${arch} (package ${name}); set exporters.throughline.endpoint to a ClickHouse server`,
  );
}
