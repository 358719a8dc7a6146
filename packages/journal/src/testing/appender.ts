// A process that appends as fast as it can and says what was acknowledged, until it is killed.
import { Journal } from '../journal.ts';
import { seeded } from './random.ts';

const [directory, seed] = process.argv.slice(2);
const log = { info: () => undefined, warn: () => undefined };
const journal = await Journal.open({ directory: directory!, minFreeBytes: 0, segmentBytes: 2 ** 20, log });
const random = seeded(Number(seed));

async function appendForever(): Promise<never> {
  for (;;) {
    const items = Math.floor(random() * 2 ** 32);
    const payload = Buffer.alloc(Math.floor(random() * 60_000), String(items));
    const position = await journal.append(payload, items);
    process.send!({ position, items, length: payload.length });
  }
}

await Promise.all(Array.from({ length: 8 }, appendForever));
