export * from './errors.ts';
export * from './ids.ts';
export * from './span.ts';
export * from './time.ts';
