/**
 * The text cut down to `most`: its beginning and, longer, its end, which names say most with. A text's size is its
 * number of characters unless `sizeOf` says otherwise.
 */
export function shortTitle(text: string, most: number, sizeOf = (each: string) => each.length): string {
  if (sizeOf(text) <= most) return text;
  let short = '…';
  for (let kept = 1; kept < text.length; kept++) {
    const head = Math.floor(kept * 0.4);
    const longer = `${text.slice(0, head).trimEnd()}…${text.slice(text.length - kept + head).trimStart()}`;
    if (sizeOf(longer) > most) return short;
    short = longer;
  }
  return short;
}
