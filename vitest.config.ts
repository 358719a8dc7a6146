import { defineConfig } from 'vitest/config';

// Tests run the sources: the `source` condition of every package, in this process and (through tsx) in its children
// and worker threads.
export default defineConfig({
  resolve: { conditions: ['source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/**/*.test.ts',
      'packages/**/*.test.tsx',
      'brokers/**/*.test.ts',
      'examples/**/*.test.ts',
      'e2e/**/*.test.ts',
      'tests/**/*.test.ts',
      'benchmarks/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    execArgv: [
      '--import',
      new URL('./scripts/typescript.mjs', import.meta.url).href,
      '--conditions',
      'source',
    ],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
