export { ClickHouseTraceStore } from './clickhouse-trace-store.ts';
export * from './trace-store.ts';
