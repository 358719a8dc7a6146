import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EmbeddedEngine } from './embedded-engine.ts';

it('says what keeps the engine from starting', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-embedded-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'data'), 'no folder');
  const engine = new EmbeddedEngine({ directory, log: { info() {}, warn() {} } });
  onTestFinished(() => engine.stop());
  await expect(engine.start()).rejects.toThrow(/did not start: exit code 1: .*File exists/);
});
