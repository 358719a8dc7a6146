/**
 * Twenty fills, each at least 3:1 against the backgrounds of both themes, none a pure red (that is an error's). The
 * first ones are the furthest apart.
 */
export const servicePalette: readonly string[] = [
  '#377ee3', '#239d6a', '#d26c28', '#a34ec6', '#0e97a9', '#a68e27', '#ca488f', '#6e5bdd', '#5c9932', '#0891c9',
  '#bb584d', '#20857b', '#9a6e2a', '#9e4b8e', '#426496', '#3c7c4c', '#8f78ba', '#737b2f', '#cd6e7e', '#2f758f',
]; // prettier-ignore

/** Black or white, whichever is read better on a `#rrggbb`: at least 4.5:1 (WCAG 2.2, relative luminance). */
export function inkOn(color: string): '#000' | '#fff' {
  const channel = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? '#000' : '#fff';
}

/** Where assignments are kept between visits; `localStorage` fits. */
export interface ColorMemory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const memoryKey = 'throughline-service-colors';

/**
 * The colour of each service: the palette's entry at the hash of its name, or, while there are unused ones, the next
 * that no other service has. What was assigned once stays, in this browser also after a reload.
 */
export class ServiceColors {
  readonly #memory: ColorMemory | undefined;
  readonly #slots: Map<string, number>;
  readonly #used = new Set<number>();

  constructor(memory?: ColorMemory) {
    this.#memory = memory;
    this.#slots = new Map(recall(memory));
    for (const slot of this.#slots.values()) this.#used.add(slot);
  }

  readonly of = (service: string): string => servicePalette[this.#slot(service)] ?? '#808080';

  #slot(service: string): number {
    const known = this.#slots.get(service);
    if (known !== undefined) return known;
    const size = servicePalette.length;
    let slot = hash(service) % size;
    for (let tries = 0; tries < size && this.#used.has(slot); tries++) slot = (slot + 1) % size;
    this.#slots.set(service, slot);
    this.#used.add(slot);
    if (this.#used.size === size) this.#used.clear();
    try {
      this.#memory?.setItem(memoryKey, JSON.stringify([...this.#slots].slice(-500)));
    } catch {
      // A full or forbidden storage costs stability between visits, nothing else.
    }
    return slot;
  }
}

function recall(memory: ColorMemory | undefined): [string, number][] {
  try {
    const kept: unknown = JSON.parse(memory?.getItem(memoryKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isAssignment) : [];
  } catch {
    return [];
  }
}

function isAssignment(entry: unknown): entry is [string, number] {
  return (
    Array.isArray(entry) && typeof entry[0] === 'string' && servicePalette[entry[1] as number] !== undefined
  );
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
