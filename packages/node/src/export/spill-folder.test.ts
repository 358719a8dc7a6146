import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SpillFolder } from './spill-folder.ts';

let folder: string;
beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), 'spill-')), 'spans')));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  rmSync(join(folder, '..'), { recursive: true });
});

const open = (maxBytes = 1_000_000): SpillFolder => new SpillFolder(folder, maxBytes);
const request = (text: string, spans = 3) => ({ body: Buffer.from(text), spans });
const files = (): string[] => readdirSync(folder).toSorted();
const text = (spilled: { body: Buffer } | undefined): string | undefined => spilled?.body.toString();

test('requests come back in order, for another process too', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] });
  const first = open();
  for (const each of ['a', 'b', 'c']) {
    expect(first.keep(request(each))).toBeDefined();
    vi.advanceTimersByTime(1);
  }
  const second = open();
  const [a, b] = [second.claim(), first.claim()];
  expect([text(a), text(b), a?.spans]).toEqual(['a', 'b', 3]);
  second.removed(a!);
  first.released(b!);
  expect([text(second.claim()), text(first.claim()), second.claim()]).toEqual(['c', 'b', undefined]);
});

test('a file that is being sent is nobody else’s, until its process must have ended', () => {
  open().keep(request('a'));
  const taken = open().claim();
  expect(open().claim()).toBeUndefined();
  const minuteAgo = new Date(Date.now() - 61_000);
  utimesSync(join(folder, `${taken!.file}.sending`), minuteAgo, minuteAgo);
  expect(text(open().claim())).toBe('a');
  expect(open().claim()).toBeUndefined();
});

test('a file that is torn or damaged is left out and counted, wherever it was cut', () => {
  open().keep(request('some request'));
  const [name] = files();
  const whole = readFileSync(join(folder, name!));
  for (let size = 0; size < whole.length; size++) {
    writeFileSync(join(folder, name!), whole.subarray(0, size));
    const spill = open();
    expect([spill.claim(), spill.torn]).toEqual([undefined, 1]);
    rmSync(join(folder, `${name}.torn`));
  }
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    writeFileSync(join(folder, name!), damaged);
    const spilled = open().claim();
    // The number of spans is no part of what is checked.
    expect(spilled === undefined, `byte ${at}`).toBe(at < 4 || at >= 8);
    rmSync(join(folder, spilled ? `${name}.sending` : `${name}.torn`));
  }
});

test('a torn file does not keep the others waiting', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] });
  open().keep(request('a'));
  truncateSync(join(folder, files()[0]!), 10);
  vi.advanceTimersByTime(1);
  open().keep(request('b'));
  expect(text(open().claim())).toBe('b');
});

test('the folder is never larger than it may be, and has room again when something was sent', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] });
  const spill = open(250);
  const hundred = request('x'.repeat(100));
  expect([spill.keep(hundred), spill.keep(hundred), spill.keep(hundred)]).toEqual([
    expect.any(String),
    expect.any(String),
    undefined,
  ]);
  spill.removed(spill.claim()!);
  vi.advanceTimersByTime(1001);
  expect(spill.keep(hundred)).toBeDefined();
});

test('a file that was never finished is left out and counted when its process must have ended', () => {
  open().keep(request('a'));
  const half = join(folder, '1800000000000-1-00000000.otlp.unfinished');
  writeFileSync(half, 'half');
  const minuteAgo = new Date(Date.now() - 61_000);
  utimesSync(half, minuteAgo, minuteAgo);
  const spill = open();
  expect([text(spill.claim()), spill.claim(), spill.torn]).toEqual(['a', undefined, 1]);
});

test('files that are none of its own stay as they are', () => {
  open().keep(request('a'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  writeFileSync(join(folder, '1800000000000-1-00000000.otlp.unfinished'), 'half');
  const spill = open();
  spill.removed(spill.claim()!);
  expect(spill.claim()).toBeUndefined();
  expect(files()).toEqual(['1800000000000-1-00000000.otlp.unfinished', 'notes.txt']);
});

test('a folder that cannot be is said once', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const spill = new SpillFolder('/dev/null/spans', 1_000_000);
  expect([spill.keep(request('a')), spill.keep(request('b')), spill.claim()]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(write).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/^throughline: spans cannot be kept in /),
  );
});
