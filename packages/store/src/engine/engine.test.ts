import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClickHouseServer } from '../testing/clickhouse-server.ts';
import { engineContract } from '../testing/engine-contract.ts';
import { ClickHouseEngine } from './clickhouse-engine.ts';
import { EmbeddedEngine } from './embedded-engine.ts';

const log = { info() {}, warn() {} };

engineContract('embedded ClickHouse', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-embedded-'));
  const engine = new EmbeddedEngine({ directory, log });
  await engine.start();
  return {
    engine,
    pid: () => engine.state().pid!,
    // The engine watches its process and starts it again.
    revive: async () => {},
    async close() {
      await engine.stop();
      await rm(directory, { recursive: true });
    },
  };
});

engineContract('ClickHouse server', async () => {
  const server = await startClickHouseServer();
  const engine = new ClickHouseEngine({ url: server.url });
  await engine.start();
  return {
    engine,
    pid: () => server.pid,
    revive: () => server.restart(),
    async close() {
      await engine.stop();
      await server.stop();
    },
  };
});
