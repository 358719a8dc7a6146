import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotValid } from '../config/piece.ts';
import { HttpError } from '../http/route.ts';
import { compileTree } from '../tree/compile-tree.ts';
import { readTree } from '../tree/read-tree.ts';
import type { FilterConfig } from '../tree/tree-config.ts';
import { writeTree } from '../tree/write-tree.ts';

/** Who works on a draft, and since when. */
export interface DraftData {
  draft_id: string;
  user: string;
  created_ts_ms: number;
  updated_ts_ms: number;
}

/** Processing trees that are being worked on: each a folder, `<id>/data.json` and `<id>/config/`. */
export class Drafts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  list(): DraftData[] {
    if (!existsSync(this.#folder)) return [];
    const ids = readdirSync(this.#folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return ids.map(({ name }) => this.data(name));
  }

  data(id: string): DraftData {
    return JSON.parse(readFileSync(join(this.#path(id), 'data.json'), 'utf8')) as DraftData;
  }

  tree(id: string): FilterConfig {
    return readTree(join(this.#path(id), 'config'));
  }

  /** Makes a draft that begins as `tree`; returns its id. */
  create(user: string, tree: FilterConfig): string {
    let number = Date.now();
    while (existsSync(join(this.#folder, `draft_${number}`))) number++;
    const id = `draft_${number}`;
    mkdirSync(join(this.#folder, id), { recursive: true });
    const now = Date.now();
    this.#writeData({ draft_id: id, user, created_ts_ms: now, updated_ts_ms: now });
    writeTree(join(this.#folder, id, 'config'), tree);
    return id;
  }

  /** Writes the tree of a draft; 400 and nothing is written where it is not valid. */
  update(id: string, tree: FilterConfig): void {
    const data = this.data(id);
    try {
      compileTree(tree);
    } catch (error) {
      throw error instanceof NotValid ? new HttpError(400, error.message) : error;
    }
    writeTree(join(this.#path(id), 'config'), tree);
    this.#writeData({ ...data, updated_ts_ms: Date.now() });
  }

  /** Makes `user` the one who works on it. */
  takeOver(id: string, user: string): void {
    this.#writeData({ ...this.data(id), user });
  }

  delete(id: string): void {
    rmSync(this.#path(id), { recursive: true });
  }

  #writeData(data: DraftData): void {
    writeFileSync(join(this.#folder, data.draft_id, 'data.json'), JSON.stringify(data));
  }

  /** The id comes from a URL: it must not lead out of the folder. */
  #path(id: string): string {
    const path = join(this.#folder, id);
    if (!/^\w+$/.test(id) || !existsSync(path)) throw new HttpError(404, 'there is no such draft');
    return path;
  }
}
