import { drawGrid, drawRow } from './draw-rows.ts';
import { indentFor, isDeep } from './indent.ts';
import { RowElement } from './row-elements.ts';
import { pinnedAncestors } from './rows.ts';
import { depthOfContent, indentRoom, rowHeight, type Layout, type Scene, type Sight } from './scene.ts';
import { contentTop, scrollTopFor, spacerHeight } from './scroll.ts';

/** Ancestors kept in sight at the top, at most. */
export const mostPinned = 4;

/** The elements that the surface draws into; React makes them, the surface fills them. */
export interface SurfaceElements {
  readonly scroller: HTMLElement;
  /** Gives the scroll bar its size. */
  readonly spacer: HTMLElement;
  readonly grid: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly pinned: HTMLElement;
  readonly pinnedCanvas: HTMLCanvasElement;
}

/**
 * Draws the rows in sight: texts as elements that are reused from row to row, everything else on a canvas below them.
 * Both stand in a box that does not scroll, and are redrawn before the frame in which the scroll position changes is
 * shown, so that there is never a blank frame however fast one scrolls.
 */
export class WaterfallSurface {
  readonly #elements: SurfaceElements;
  readonly #pool: RowElement[] = [];
  readonly #pinnedPool: RowElement[] = [];
  readonly #rowsBox: HTMLElement;
  /** By slot of the pool: the row that it shows and the version of the scene it was drawn from. */
  #shown: { row: number; version: string }[] = [];
  #version = 0;
  #scene: Scene | undefined;
  #times: readonly number[] = [];
  #settle: ReturnType<typeof setTimeout> | undefined;

  constructor(elements: SurfaceElements) {
    this.#elements = elements;
    this.#rowsBox = document.createElement('div');
    this.#rowsBox.setAttribute('role', 'presentation');
    elements.grid.append(this.#rowsBox);
  }

  /** Draws anew from `scene`; `times` are the ruler's. */
  update(scene: Scene, times: readonly number[]) {
    const { spacer, grid } = this.#elements;
    this.#scene = scene;
    this.#times = times;
    this.#version++;
    spacer.style.height = `${spacerHeight(scene.rows.count * rowHeight)}px`;
    grid.setAttribute('aria-rowcount', String(scene.rows.count));
    this.#sizePool(scene.layout);
    this.render();
  }

  /** Hot: once per frame while scrolling (benchmarks/ui.ts). */
  render() {
    const scene = this.#scene;
    if (!scene) return;
    const sight = this.#sight(scene);
    this.#rowsBox.style.transform = `translateY(${-sight.scrollTop}px)`;
    this.#showRows(scene, sight);
    const ctx = prepared(this.#elements.canvas, scene.layout.width, scene.layout.height);
    drawGrid(ctx, scene, this.#times);
    for (let row = sight.first; row < sight.last; row++) {
      drawRow(ctx, scene, sight, scene.rows.content[row]!, row * rowHeight - sight.scrollTop);
    }
    this.#showPinned(scene, sight);
    this.#pointAtSelected(scene);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#sortElements(), 200);
  }

  /** Scrolls so that the row is in sight and not covered by pinned ancestors. */
  reveal(row: number, where: 'nearest' | 'center' = 'nearest') {
    const scene = this.#scene;
    if (!scene || row < 0) return;
    const { scroller } = this.#elements;
    const content = scene.rows.count * rowHeight;
    const height = scene.layout.height;
    const now = contentTop(scroller.scrollTop, content, height);
    const above = row * rowHeight - Math.min(mostPinned * rowHeight, height / 3);
    const below = (row + 2) * rowHeight - height;
    if (now <= above && now >= below) return;
    const top =
      where === 'center' ? row * rowHeight - height / 2 : now > above ? above : Math.min(below, above);
    scroller.scrollTop = scrollTopFor(Math.max(0, top), content, height);
    this.render();
  }

  /** The row at `y` pixels from the top of the surface, pinned rows included, or -1. */
  rowAt(y: number): number {
    const scene = this.#scene;
    if (!scene) return -1;
    const pinned = this.#pinnedPool[Math.floor(y / rowHeight)];
    if (pinned && !pinned.root.hidden) return Number(pinned.root.dataset.row);
    const row = Math.floor((this.#sight(scene).scrollTop + y) / rowHeight);
    return row < scene.rows.count ? row : -1;
  }

  destroy() {
    clearTimeout(this.#settle);
    this.#rowsBox.remove();
    for (const row of this.#pinnedPool) row.root.remove();
  }

  #sight(scene: Scene): Sight {
    const { model, rows, layout } = scene;
    const scrollTop = contentTop(this.#elements.scroller.scrollTop, rows.count * rowHeight, layout.height);
    const first = Math.max(0, Math.floor(scrollTop / rowHeight));
    const last = Math.min(rows.count, Math.ceil((scrollTop + layout.height) / rowHeight));
    let deepest = 0;
    for (let row = first; row < last; row++) {
      deepest = Math.max(deepest, depthOfContent(scene, rows.content[row]!));
    }
    const room = indentRoom(layout);
    const { maxDepth } = model.tree;
    return {
      scrollTop,
      first,
      last,
      indent: indentFor(maxDepth, deepest, room),
      deep: isDeep(maxDepth, room),
    };
  }

  #showRows(scene: Scene, sight: Sight) {
    const version = `${this.#version}/${sight.indent.base}`;
    for (let row = sight.first; row < sight.last; row++) {
      const slot = row % this.#pool.length;
      const shown = this.#shown[slot]!;
      if (shown.row === row && shown.version === version) continue;
      const element = this.#pool[slot]!;
      if (shown.row !== row) element.place(row * rowHeight);
      element.show(scene, sight, row);
      this.#shown[slot] = { row, version };
    }
    this.#shown.forEach(({ row }, slot) => {
      if (row < 0 || (row >= sight.first && row < sight.last)) return;
      this.#pool[slot]?.hide();
      this.#shown[slot] = { row: -1, version: '' };
    });
  }

  #showPinned(scene: Scene, sight: Sight) {
    const { pinned, pinnedCanvas } = this.#elements;
    const top = Math.floor(sight.scrollTop / rowHeight);
    const nodes = sight.scrollTop > 0 ? pinnedAncestors(scene.model.tree, scene.rows, top, mostPinned) : [];
    pinned.style.height = `${nodes.length * rowHeight}px`;
    pinned.style.display = nodes.length > 0 ? '' : 'none';
    while (this.#pinnedPool.length < mostPinned) this.#pinnedPool.push(new RowElement(pinned));
    this.#pinnedPool.forEach((element, index) => {
      const node = nodes[index];
      if (node === undefined) return element.hide();
      element.place(index * rowHeight);
      element.show(scene, sight, scene.rows.rowOf[node]!);
      element.root.removeAttribute('id');
    });
    if (nodes.length === 0) return;
    const ctx = prepared(pinnedCanvas, scene.layout.width, nodes.length * rowHeight);
    drawGrid(ctx, scene, this.#times);
    nodes.forEach((node, index) => drawRow(ctx, scene, sight, node, index * rowHeight));
  }

  #pointAtSelected(scene: Scene) {
    const { grid } = this.#elements;
    const row = scene.selected < 0 ? -1 : scene.rows.rowOf[scene.selected]!;
    const element = row < 0 ? undefined : this.#pool[row % this.#pool.length];
    const id =
      element && Number(element.root.dataset.row) === row && !element.root.hidden ? element.root.id : '';
    if (id) grid.setAttribute('aria-activedescendant', id);
    else grid.removeAttribute('aria-activedescendant');
  }

  #sizePool({ height }: Layout) {
    const size = Math.ceil(height / rowHeight) + 2;
    if (this.#pool.length === size) return;
    while (this.#pool.length < size) this.#pool.push(new RowElement(this.#rowsBox));
    for (const row of this.#pool.splice(size)) row.root.remove();
    this.#pool.forEach((row) => row.hide());
    this.#shown = this.#pool.map(() => ({ row: -1, version: '' }));
  }

  /** Puts the elements into the order of the rows, for those who read them one after the other. */
  #sortElements() {
    const wanted = this.#pool
      .filter(({ root }) => !root.hidden)
      .toSorted((a, b) => Number(a.root.dataset.row) - Number(b.root.dataset.row));
    wanted.forEach(({ root }, index) => {
      const there = this.#rowsBox.children[index];
      if (there !== root) this.#rowsBox.insertBefore(root, there ?? null);
    });
  }
}

/** The canvas, cleared, at the screen's resolution, with CSS pixels as its unit. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelsWide || canvas.height !== pixelsHigh) {
    canvas.width = pixelsWide;
    canvas.height = pixelsHigh;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('this browser has no 2D canvas');
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}
