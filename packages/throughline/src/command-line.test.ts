import { expect, test } from 'vitest';
import { parseCommand, type RunOptions } from './command-line.ts';
import { dataDirectory, type Platform } from './data-directory.ts';

const linux: Platform = { name: 'linux', home: '/home/me', env: {} };
const run = (args: string[], env: Record<string, string> = {}) =>
  parseCommand(args, { ...linux, env }) as RunOptions;

test('without options the program runs as the all-in-one on loopback', () => {
  expect(run([])).toEqual({
    name: 'run',
    configFile: undefined,
    dataDirectory: '/home/me/.local/share/throughline',
    host: undefined,
    allowPurge: false,
  });
});

test('options win over variables, variables over what is usual', () => {
  const env = {
    THROUGHLINE_CONFIG: 'env.yaml',
    THROUGHLINE_DATA_DIR: '/env',
    THROUGHLINE_HOST: '::1',
    THROUGHLINE_ALLOW_PURGE: 'true',
  };
  expect(run([], env)).toMatchObject({
    configFile: 'env.yaml',
    dataDirectory: '/env',
    host: '::1',
    allowPurge: true,
  });
  expect(run(['--config', 'a.yaml', '--data-dir=/here', '--host', '0.0.0.0'], env)).toMatchObject({
    configFile: 'a.yaml',
    dataDirectory: '/here',
    host: '0.0.0.0',
  });
});

test('an empty variable is as none, a wrong one is refused', () => {
  expect(run([], { THROUGHLINE_DATA_DIR: '' }).dataDirectory).toBe('/home/me/.local/share/throughline');
  expect(() => run([], { THROUGHLINE_ALLOW_PURGE: 'maybe' })).toThrow(
    'THROUGHLINE_ALLOW_PURGE is "maybe", expected true or false',
  );
});

test('data is kept where the platform wants it', () => {
  expect(dataDirectory({ ...linux, env: { XDG_DATA_HOME: '/xdg' } })).toBe('/xdg/throughline');
  expect(dataDirectory({ name: 'darwin', home: '/Users/me', env: {} })).toBe(
    '/Users/me/Library/Application Support/throughline',
  );
});
