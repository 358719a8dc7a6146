export { startClickHouseServer, type ClickHouseServer } from './clickhouse-server.ts';
