import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NotValid, Piece } from './piece.ts';

/** The content of each `.json` file in a folder, in the order of their names. */
export function jsonFilesIn(folder: string): Piece[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.toSorted().map((name) => {
    try {
      return new Piece(JSON.parse(readFileSync(join(folder, name), 'utf8')), name);
    } catch (error) {
      throw new NotValid(`${join(folder, name)}: ${(error as Error).message}`);
    }
  });
}
