import { formatDuration } from '../../design/format-duration.ts';
import { inkOn } from '../../design/service-colors.ts';
import { barOf, labelPlace, xOf } from './bars.ts';
import { indentPx } from './indent.ts';
import { logText, severityOf } from '../logs/logs.ts';
import { mark } from '../marks.ts';
import { nameOf, serviceOf } from '../model.ts';
import { logOf } from '../rows.ts';
import { depthOfContent, timelineMargin, timelineWidth, treeLeft, type Scene, type Sight } from './scene.ts';
import { siblingsOf } from '../tree.ts';
import classes from './waterfall.module.css';

/** Wide enough for the digits and letters of a duration at 11 px. */
const charWidth = 6.4;

const icon = (path: string) =>
  `<svg viewBox="0 0 16 16" width="13" height="13" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;
const chevron = icon('<path d="M6 4l4 4-4 4"/>');
const icons = {
  error: icon('<circle cx="8" cy="8" r="6.2"/><path d="M8 4.8v3.8M8 11.1v.1"/>'),
  clock: icon('<circle cx="8" cy="8" r="6.2"/><path d="M8 4.6V8l2.4 1.6"/>'),
  link: icon(
    '<path d="M6.6 9.4a2.6 2.6 0 0 0 3.8.2l2-2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.4 6.6a2.6 2.6 0 0 0-3.8-.2l-2 2a2.7 2.7 0 0 0 3.8 3.8l.8-.8"/>',
  ),
};

function element(className: string | undefined, parent: HTMLElement, role?: string): HTMLElement {
  const made = document.createElement('div');
  if (className) made.className = className;
  if (role) made.setAttribute('role', role);
  parent.append(made);
  return made;
}

function setText(target: HTMLElement, text: string) {
  if (target.firstChild?.nodeValue !== text) target.textContent = text;
}

function setAttribute(target: HTMLElement, name: string, value: string | undefined) {
  if (value === undefined) target.removeAttribute(name);
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** One row of the tree grid, reused for whatever comes into sight. */
export class RowElement {
  readonly root: HTMLElement;
  readonly #name: HTMLElement;
  readonly #depth: HTMLElement;
  readonly #toggle: HTMLElement;
  readonly #pill: HTMLElement;
  readonly #service: HTMLElement;
  readonly #operation: HTMLElement;
  readonly #count: HTMLElement;
  readonly #marks: HTMLElement;
  readonly #time: HTMLElement;
  readonly #label: HTMLElement;
  #shownMarks = '';

  constructor(parent: HTMLElement) {
    this.root = element(classes.row, parent, 'row');
    this.#name = element(classes.name, this.root, 'gridcell');
    this.#depth = element(classes.depth, this.#name);
    this.#toggle = element(classes.toggle, this.#name);
    this.#toggle.innerHTML = chevron;
    this.#toggle.dataset.toggle = '';
    this.#toggle.title = 'Collapse or expand; with Shift the whole branch';
    this.#pill = element(classes.pill, this.#name);
    this.#service = element(classes.service, this.#name);
    this.#operation = element(classes.operation, this.#name);
    this.#count = element(classes.count, this.#name);
    this.#marks = element(classes.marks, this.#name);
    this.#time = element(classes.time, this.root, 'gridcell');
    this.#label = element(classes.label, this.#time);
  }

  /** Hot: once per row that comes into sight (benchmarks/ui.ts). */
  show(scene: Scene, sight: Sight, row: number) {
    const content = scene.rows.content[row]!;
    const { root } = this;
    root.hidden = false;
    root.dataset.row = String(row);
    setAttribute(root, 'aria-rowindex', String(row + 1));
    const depth = depthOfContent(scene, content);
    setAttribute(root, 'aria-level', String(depth + 1));
    this.#name.style.paddingLeft = `${treeLeft(sight.deep) + indentPx(sight.indent, depth)}px`;
    setText(this.#depth, sight.deep && content >= 0 ? (depth + 1).toLocaleString('en') : '');
    if (content < 0) this.#showLog(scene, logOf(content));
    else this.#showSpan(scene, content);
  }

  place(y: number) {
    this.root.style.transform = `translateY(${y}px)`;
  }

  #showSpan(scene: Scene, node: number) {
    const { model, selected, matches, folded } = scene;
    const { columns, tree, marks } = model;
    const flags = marks.flags[node]!;
    const parent = tree.children[node]! > 0;
    this.root.className = [
      classes.row,
      selected === node && classes.selected,
      matches && (matches[node] ? classes.match : classes.dim),
      flags & mark.missing && classes.missing,
    ]
      .filter(Boolean)
      .join(' ');
    setAttribute(this.root, 'id', `span-${model.keyOf(node)}`);
    setAttribute(this.root, 'data-span-id', columns.ids[node]);
    setAttribute(this.root, 'aria-selected', String(selected === node));
    setAttribute(this.root, 'aria-setsize', String(siblingsOf(tree, node)));
    setAttribute(this.root, 'aria-posinset', String(tree.rank[node]!));
    setAttribute(this.root, 'aria-expanded', parent ? String(!folded[node]) : undefined);
    this.#toggle.style.visibility = parent ? 'visible' : 'hidden';
    this.#toggle.classList.toggle(classes.open ?? '', parent && !folded[node]);
    this.#pill.style.background = scene.paints.services[columns.service[node]!] ?? 'transparent';
    const service = serviceOf(model, node);
    const name = flags & mark.missing ? `Missing span ${columns.ids[node]}` : nameOf(model, node);
    setText(this.#service, service);
    delete this.#service.dataset.severity;
    setText(this.#operation, name);
    setAttribute(
      this.#name,
      'title',
      service ? `${service}: ${name}` : `${name}: not stored; spans name it as their parent`,
    );
    const inside = tree.end[node]! - tree.position[node]! - 1;
    setText(this.#count, folded[node] ? `+${inside.toLocaleString('en')}` : '');
    this.#showMarks(scene, node, flags);
    this.#showLabel(scene, node);
  }

  #showMarks(scene: Scene, node: number, flags: number) {
    const { links, linkedFrom } = scene.model.columns;
    const below = flags & mark.errorBelow && scene.folded[node];
    const error = flags & mark.error ? 'Error' : below ? 'An error below' : '';
    const linked = links[node]! + linkedFrom[node]!;
    const shown = `${error}|${flags & mark.early}|${linked}`;
    if (shown === this.#shownMarks) return;
    this.#shownMarks = shown;
    this.#marks.replaceChildren();
    const add = (className: string | undefined, svg: string, title: string) => {
      const made = element(className, this.#marks, 'img');
      made.innerHTML = svg;
      made.title = title;
      made.setAttribute('aria-label', title);
    };
    if (linked > 0) add(classes.linkMark, icons.link, linked === 1 ? '1 link' : `${linked} links`);
    if (flags & mark.early) add(classes.warnMark, icons.clock, 'Starts before its parent: the clocks differ');
    if (error) add(below ? classes.errorBelowMark : classes.errorMark, icons.error, error);
  }

  #showLabel(scene: Scene, node: number) {
    const { columns, marks } = scene.model;
    const width = timelineWidth(scene.layout);
    const bar = barOf(scene.range, width, columns.start[node]!, columns.duration[node]!);
    const missing = (marks.flags[node]! & mark.missing) !== 0;
    const text = missing ? 'not stored' : formatDuration(columns.duration[node]!);
    setText(this.#label, text);
    const place =
      bar && labelPlace(bar, width, text.length * charWidth, (from, to) => isFree(scene, node, from, to));
    const overWait = (marks.flags[node]! & mark.late) !== 0 && place && bar && place.x < bar.x;
    const fill = scene.paints.services[columns.service[node]!];
    const faded = scene.matches && !scene.matches[node];
    const inBar = place?.onBar && !missing && !faded && fill !== undefined;
    const covers = !inBar && (place?.onBar || overWait);
    this.#label.className = `${classes.label} ${inBar ? classes.inBar : covers ? classes.covering : ''}`;
    this.#label.style.background = inBar ? fill : '';
    this.#label.style.color = inBar ? inkOn(fill) : '';
    this.#label.style.left = place ? `${place.x + timelineMargin}px` : '-9999px';
  }

  #showLog(scene: Scene, log: number) {
    const { model } = scene;
    const record = model.logs.records[log]!;
    const severity = severityOf(record);
    this.root.className = `${classes.row} ${classes.log} ${scene.matches ? classes.dim : ''}`;
    for (const name of ['aria-selected', 'aria-setsize', 'aria-posinset', 'aria-expanded', 'data-span-id'])
      this.root.removeAttribute(name);
    setAttribute(this.root, 'id', `log-${log}`);
    this.#toggle.style.visibility = 'hidden';
    this.#pill.style.background = 'transparent';
    setText(this.#service, severity === 'unspecified' ? 'log' : severity);
    this.#service.dataset.severity = severity;
    const text = logText(record);
    setText(this.#operation, text.slice(0, 500));
    setAttribute(this.#name, 'title', text.slice(0, 2000));
    setText(this.#count, '');
    this.#shownMarks = '';
    this.#marks.replaceChildren();
    setText(this.#label, '');
  }

  hide() {
    this.root.hidden = true;
    this.root.removeAttribute('id');
  }
}

/** Whether no event of the span is drawn between two pixels of the timeline. */
function isFree({ model, range, layout }: Scene, node: number, from: number, to: number): boolean {
  const { eventAt, eventTime } = model.columns;
  const width = timelineWidth(layout);
  for (let event = eventAt[node]!; event < eventAt[node + 1]!; event++) {
    const x = xOf(range, width, eventTime[event]!);
    if (x >= from && x <= to) return false;
  }
  return true;
}
