export { Cursor } from './cursor.ts';
export type { Files } from './files.ts';
export { diskFiles } from './files.ts';
export { Journal, type JournalOptions, type JournalStats } from './journal.ts';
export { readRecords, type ReadOptions } from './reader.ts';
export type { JournalLog } from './recover.ts';
export * from './types.ts';
