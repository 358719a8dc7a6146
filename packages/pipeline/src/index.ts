export * from './component.ts';
export * from './config/index.ts';
export * from './journal-range.ts';
export * from './receiver-metrics.ts';
