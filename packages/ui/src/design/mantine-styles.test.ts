import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const sources = fileURLToPath(new URL('..', import.meta.url));
const styles = join(dirname(createRequire(import.meta.url).resolve('@mantine/core/styles.css')), 'styles');

test('brings the styles of every component that is used', () => {
  const brought = readFileSync(join(sources, 'design/mantine.css'), 'utf8');
  const missing = usedComponents().filter((name) => !brought.includes(`/${name}.css'`));
  expect(missing).toEqual([]);
});

/** Names imported from '@mantine/core' that have styles. */
function usedComponents(): string[] {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tsx'),
  );
  const names = files.flatMap((file) => {
    const [, imported = ''] =
      /import \{([^}]*)\} from '@mantine\/core'/.exec(readFileSync(join(sources, file), 'utf8')) ?? [];
    return imported.split(',').map((name) => name.trim());
  });
  return [...new Set(names)].filter((name) => existsSync(join(styles, `${name}.css`)));
}
