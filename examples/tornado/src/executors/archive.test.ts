import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Piece } from '../config/piece.ts';
import type { Values } from '../matcher/value.ts';
import { archiveExecutor, archiveSettings } from './archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function archive(payload: Values): Promise<string | undefined> {
  const config = {
    base_path: './log',
    default_path: '/default.log',
    paths: { one: '/one/file.log', by_host: '/${host}/file.log' },
  };
  const settings = archiveSettings(new Piece(config, 'archive_executor.toml'), folder);
  const work = archiveExecutor(settings).prepare({ id: 'archive', payload, created_ms: 0 });
  await work.run();
  return work.span?.replace(folder, '');
}

test('events are appended to the file of their type, a line each', async () => {
  expect(await archive({ event: { n: 1 } })).toBe('Archive Event to: /log/default.log');
  expect(await archive({ event: { n: 2 }, archive_type: 'one' })).toBe('Archive Event to: /log/one/file.log');
  expect(await archive({ event: 'x', archive_type: 'by_host', host: 'h1' })).toBe(
    'Archive Event to: /log/h1/file.log',
  );
  await archive({ event: { n: 3 } });
  expect(readFileSync(join(folder, 'log', 'default.log'), 'utf8')).toBe('{"n":1}\n{"n":3}\n');
});

test('what is missing, and what leads out of the archive, is refused and not tried again', async () => {
  const refused = (payload: Values, message: string) =>
    expect(archive(payload)).rejects.toMatchObject({ message, canRetry: false });
  await refused({}, 'the payload of the action has no "event"');
  await refused({ event: 1, archive_type: 'two' }, 'there is no path for archive_type "two"');
  await refused({ event: 1, archive_type: 'by_host' }, 'the payload of the action has no text "host"');
  await refused(
    { event: 1, archive_type: 'by_host', host: '../..' },
    '/../../file.log is outside of the archive',
  );
});
