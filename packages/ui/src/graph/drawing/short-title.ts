/** The text in at most so many characters: its beginning and, longer, its end, which names say most with. */
export function shortTitle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor((most - 1) * 0.4);
  const tail = most - 1 - head;
  return `${text.slice(0, head).trimEnd()}…${text.slice(text.length - tail).trimStart()}`;
}
