import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ClickHouseEngine } from './clickhouse-engine.ts';
import { EngineUnavailable } from './engine.ts';

it('gives up a server that takes questions and stays silent', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = new ClickHouseEngine({ url: `http://127.0.0.1:${port}` });
  onTestFinished(async () => {
    await engine.stop();
    server.closeAllConnections();
    server.close();
  });
  const error = new EngineUnavailable('ClickHouse cannot be reached: no answer within 5.1 s');
  await expect(engine.query('SELECT 1', { timeoutMs: 100 })).rejects.toThrow(error);
  await expect(engine.queryNative('SELECT 1', { timeoutMs: 100 })).rejects.toThrow(error);
});
