export { ClickHouseTraceStore } from './clickhouse-trace-store.ts';
export * from './logs/log-query.ts';
export * from './statistics/statistics-query.ts';
export * from './trace-query.ts';
export * from './trace-store.ts';
