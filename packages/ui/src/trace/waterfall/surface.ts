import { prepared } from './canvas.ts';
import { drawGrid, drawRow } from './draw-rows.ts';
import { indentFor, isDeep } from './indent.ts';
import { RowElement } from './row-elements.ts';
import { pinnedAncestors, rowShowing } from '../rows.ts';
import { depthOfContent, indentRoom, rowHeight, type Layout, type Scene, type Sight } from './scene.ts';
import { contentTop, scrollTopFor, spacerHeight } from './scroll.ts';
import classes from './waterfall.module.css';

/** Ancestors kept in sight at the top, at most. */
const mostPinned = 4;

/**
 * Draws the rows in sight into `scroller`: texts as elements that are reused from row to row, everything else on a
 * canvas below them. Both stand in a box that does not scroll, and are redrawn before the frame in which the scroll
 * position changes is shown, so that there is never a blank frame however fast one scrolls.
 */
export class WaterfallSurface {
  readonly #scroller: HTMLElement;
  /** Gives the scroll bar its size. */
  readonly #spacer: HTMLElement;
  readonly #viewport: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #grid: HTMLElement;
  readonly #rowsBox: HTMLElement;
  readonly #pinned: HTMLElement;
  readonly #pinnedCanvas: HTMLCanvasElement;
  readonly #pool: RowElement[] = [];
  readonly #pinnedPool: RowElement[] = [];
  /** By slot of the pool: the row that it shows and the version of the scene it was drawn from. */
  #shown: { row: number; version: string }[] = [];
  #version = 0;
  #scene: Scene | undefined;
  #times: readonly number[] = [];
  #settle: ReturnType<typeof setTimeout> | undefined;

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller;
    this.#spacer = addElement('div', scroller, classes.spacer);
    this.#viewport = addElement('div', this.#spacer, classes.viewport);
    this.#canvas = addElement('canvas', this.#viewport, classes.canvas);
    this.#grid = addElement('div', this.#viewport, classes.grid);
    this.#rowsBox = addElement('div', this.#grid, classes.rows);
    this.#pinned = addElement('div', this.#viewport, classes.pinned);
    this.#pinnedCanvas = addElement('canvas', this.#pinned, classes.canvas);
    this.#grid.tabIndex = 0;
    this.#grid.setAttribute('role', 'treegrid');
    this.#grid.setAttribute('aria-label', 'Spans');
    this.#grid.setAttribute('aria-colcount', '2');
    this.#rowsBox.setAttribute('role', 'presentation');
    this.#canvas.ariaHidden = this.#pinned.ariaHidden = 'true';
    for (let count = 0; count < mostPinned; count++) this.#pinnedPool.push(new RowElement(this.#pinned));
  }

  /** Draws anew from `scene`; `times` are the ruler's. */
  update(scene: Scene, times: readonly number[]) {
    const before = this.#scene;
    const anchor = before && before.rows !== scene.rows ? this.#anchor(before, scene) : undefined;
    this.#scene = scene;
    this.#times = times;
    this.#version++;
    this.#spacer.style.height = `${spacerHeight(scene.rows.count * rowHeight)}px`;
    this.#viewport.style.height = `${scene.layout.height}px`;
    this.#viewport.style.setProperty('--name-width', `${scene.layout.nameWidth}px`);
    this.#grid.setAttribute('aria-rowcount', String(scene.rows.count));
    this.#sizePool(scene.layout);
    if (anchor) this.#scrollTo(anchor.row * rowHeight - anchor.y, scene);
    this.render();
  }

  /**
   * What keeps its place on the screen while rows are folded or added: the selected span if it is in sight, else the
   * first that is; as its row to come, and pixels from the top now.
   */
  #anchor(before: Scene, next: Scene): { row: number; y: number } | undefined {
    if (before.model !== next.model) return undefined;
    const { scrollTop, first, last } = this.#sight(before);
    const selected = before.selected < 0 ? -1 : before.rows.rowOf[before.selected]!;
    const row = selected >= first && selected < last ? selected : first;
    const content = before.rows.content[row];
    if (scrollTop === 0 || content === undefined || content < 0) return undefined;
    const to = rowShowing(next.model.tree, next.rows, content);
    return to < 0 ? undefined : { row: to, y: row * rowHeight - scrollTop };
  }

  #scrollTo(top: number, { rows, layout }: Scene) {
    this.#scroller.scrollTop = scrollTopFor(Math.max(0, top), rows.count * rowHeight, layout.height);
  }

  /** Hot: once per frame while scrolling (benchmarks/ui.ts). */
  render() {
    const scene = this.#scene;
    if (!scene) return;
    const sight = this.#sight(scene);
    this.#rowsBox.style.transform = `translateY(${-sight.scrollTop}px)`;
    this.#showRows(scene, sight);
    const ctx = prepared(this.#canvas, scene.layout.width, scene.layout.height);
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
    const content = scene.rows.count * rowHeight;
    const height = scene.layout.height;
    const now = contentTop(this.#scroller.scrollTop, content, height);
    const above = row * rowHeight - Math.min(mostPinned * rowHeight, height / 3);
    const below = (row + 2) * rowHeight - height;
    if (now <= above && now >= below) return;
    const top =
      where === 'center' ? row * rowHeight - height / 2 : now > above ? above : Math.min(below, above);
    this.#scrollTo(top, scene);
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
    this.#spacer.remove();
  }

  #sight(scene: Scene): Sight {
    const { model, rows, layout } = scene;
    const scrollTop = contentTop(this.#scroller.scrollTop, rows.count * rowHeight, layout.height);
    const first = Math.max(0, Math.floor(scrollTop / rowHeight));
    const last = Math.min(rows.count, Math.ceil((scrollTop + layout.height) / rowHeight));
    let deepest = 0;
    let shallowest = Infinity;
    for (let row = first; row < last; row++) {
      const depth = depthOfContent(scene, rows.content[row]!);
      deepest = Math.max(deepest, depth);
      shallowest = Math.min(shallowest, depth);
    }
    const room = indentRoom(layout);
    const { maxDepth } = model.tree;
    return {
      scrollTop,
      first,
      last,
      indent: indentFor(maxDepth, { shallowest, deepest }, room),
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
    const top = Math.floor(sight.scrollTop / rowHeight);
    const nodes = sight.scrollTop > 0 ? pinnedAncestors(scene.model.tree, scene.rows, top, mostPinned) : [];
    this.#pinned.style.height = `${nodes.length * rowHeight}px`;
    this.#pinned.style.display = nodes.length > 0 ? '' : 'none';
    this.#pinnedPool.forEach((element, index) => {
      const node = nodes[index];
      if (node === undefined) return element.hide();
      element.place(index * rowHeight);
      element.show(scene, sight, scene.rows.rowOf[node]!);
      element.root.removeAttribute('id');
    });
    if (nodes.length === 0) return;
    const ctx = prepared(this.#pinnedCanvas, scene.layout.width, nodes.length * rowHeight);
    drawGrid(ctx, scene, this.#times);
    nodes.forEach((node, index) => drawRow(ctx, scene, sight, node, index * rowHeight));
  }

  #pointAtSelected(scene: Scene) {
    const row = scene.selected < 0 ? -1 : scene.rows.rowOf[scene.selected]!;
    const element = row < 0 ? undefined : this.#pool[row % this.#pool.length];
    const id =
      element && Number(element.root.dataset.row) === row && !element.root.hidden ? element.root.id : '';
    if (id) this.#grid.setAttribute('aria-activedescendant', id);
    else this.#grid.removeAttribute('aria-activedescendant');
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

function addElement<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  parent: HTMLElement,
  className: string | undefined,
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  made.className = className ?? '';
  parent.append(made);
  return made;
}
