import { Readable } from 'node:stream';
import type { NativeBlock } from '../engine/engine.ts';
import { writeVarint } from './bytes.ts';
import type { Column } from './native-columns.ts';

/** A table's rows on their way to the engine: named columns that all hold the same number of values. */
export class Block {
  readonly columns: Readonly<Record<string, Column>>;
  rows = 0;

  constructor(columns: Readonly<Record<string, Column>>) {
    this.columns = columns;
  }

  get bytes(): number {
    let sum = 0;
    for (const column of Object.values(this.columns)) sum += column.bytes;
    return sum;
  }

  clear(): void {
    this.rows = 0;
    for (const column of Object.values(this.columns)) column.clear();
  }

  release(): void {
    this.rows = 0;
    for (const column of Object.values(this.columns)) column.release();
  }

  /** The block in Native format; a copy, so that the next block may be filled while this one travels. */
  native(): NativeBlock {
    const out: Buffer[] = [header(Object.keys(this.columns).length, this.rows)];
    for (const [name, column] of Object.entries(this.columns)) {
      out.push(text(name), text(column.type));
      column.prefix(out);
      column.values(out);
    }
    return {
      columns: Object.keys(this.columns),
      rows: this.rows,
      body: () => Readable.from(out, { objectMode: false }),
    };
  }
}

function header(columns: number, rows: number): Buffer {
  const bytes = Buffer.alloc(10);
  return bytes.subarray(0, writeVarint(bytes, writeVarint(bytes, 0, columns), rows));
}

function text(value: string): Buffer {
  const body = Buffer.from(value);
  const bytes = Buffer.alloc(body.length + 5);
  const at = writeVarint(bytes, 0, body.length);
  body.copy(bytes, at);
  return bytes.subarray(0, at + body.length);
}
