import { Overloaded } from '@throughline/model';
import type { Files } from './files.ts';

/** How long an answer of the file system is good for: while there is room, and while there is none. */
const freshMs = 1000;
const freshWhenLowMs = 100;

/** Watches over the free space of a file system, without asking it for every write. */
export class Space {
  /** As last asked, less what was used since then. */
  freeBytes: number | undefined;
  readonly #files: Files;
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #askedAt = -Infinity;

  constructor(files: Files, directory: string, minFreeBytes: number) {
    this.#files = files;
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  used(bytes: number): void {
    if (this.freeBytes !== undefined) this.freeBytes -= bytes;
  }

  /** Rejects with Overloaded when less than the floor is free. */
  async check(): Promise<void> {
    const age = performance.now() - this.#askedAt;
    if (age >= (this.#isLow() ? freshWhenLowMs : freshMs)) {
      this.freeBytes = await this.#files.freeBytes(this.#directory);
      this.#askedAt = performance.now();
    }
    if (!this.#isLow()) return;
    throw new Overloaded(`less than ${this.#minFreeBytes} bytes are free on the disk of the journal`, 1000);
  }

  #isLow(): boolean {
    return this.freeBytes !== undefined && this.freeBytes < this.#minFreeBytes;
  }
}
