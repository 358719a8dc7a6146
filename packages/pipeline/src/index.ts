export * from './component.ts';
export * from './journal-range.ts';
