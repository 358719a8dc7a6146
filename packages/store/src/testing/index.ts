export { startClickHouseServer, type ClickHouseServer } from './clickhouse-server.ts';
export { openTestStore, type TestStore } from './open-test-store.ts';
