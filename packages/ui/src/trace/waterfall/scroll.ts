/** Browsers lose precision, or stop, at elements much taller than this. */
const tallest = 12_000_000;

/** Height of the element that gives the scroll bar its size. */
export function spacerHeight(contentHeight: number): number {
  return Math.min(contentHeight, tallest);
}

/** Where the content is scrolled to; the scroll bar's own position but for content taller than an element can be. */
export function contentTop(scrollTop: number, contentHeight: number, viewHeight: number): number {
  if (contentHeight <= tallest) return scrollTop;
  return (scrollTop / (tallest - viewHeight)) * (contentHeight - viewHeight);
}

/** The inverse of `contentTop`. */
export function scrollTopFor(top: number, contentHeight: number, viewHeight: number): number {
  if (contentHeight <= tallest) return top;
  return (top / (contentHeight - viewHeight)) * (tallest - viewHeight);
}
