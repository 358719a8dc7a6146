export { ClickHouseTraceStore } from './clickhouse-trace-store.ts';
export * from './log-query.ts';
export * from './statistics-query.ts';
export * from './trace-query.ts';
export * from './trace-store.ts';
