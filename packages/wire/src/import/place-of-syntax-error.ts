const token =
  // oxlint-disable-next-line no-control-regex -- those that JSON forbids in texts
  /[\s\uFEFF]*(?:([{}[\],:])|("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** Line and column, from 1, of the first thing that is no JSON in the text: `line 3, column 14`. */
export function placeOfSyntaxError(text: string): string {
  const at = offsetOfSyntaxError(text);
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
}

type Next =
  'value' | 'first value or end' | 'key' | 'first key or end' | 'colon' | 'comma or end' | 'nothing';

/** Engines do not all say where JSON.parse gave up. */
function offsetOfSyntaxError(text: string): number {
  const open: string[] = [];
  let next: Next = 'value';
  for (token.lastIndex = 0; ;) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (!match) return from + (/^[\s\uFEFF]*/.exec(text.slice(from))?.[0].length ?? 0);
    const [whole, mark, string] = match;
    const at = from + whole.length - whole.trimStart().length;
    const after = step(next, mark, string !== undefined, open);
    if (after === undefined) return at;
    next = after;
  }
}

/** What may follow; undefined where the token may not stand. */
function step(next: Next, mark: string | undefined, isString: boolean, open: string[]): Next | undefined {
  const closed = (): Next => (open.length === 0 ? 'nothing' : 'comma or end');
  const end = (bracket: string): Next | undefined => (open.pop() === bracket ? closed() : undefined);
  switch (next) {
    case 'nothing':
      return undefined;
    case 'colon':
      return mark === ':' ? 'value' : undefined;
    case 'key':
    case 'first key or end':
      if (isString) return 'colon';
      return mark === '}' && next === 'first key or end' ? end('{') : undefined;
    case 'comma or end':
      if (mark === ',') return open.at(-1) === '{' ? 'key' : 'value';
      return mark === '}' ? end('{') : mark === ']' ? end('[') : undefined;
    case 'value':
    case 'first value or end':
      if (mark === '{' || mark === '[') {
        open.push(mark);
        return mark === '{' ? 'first key or end' : 'first value or end';
      }
      if (mark === ']' && next === 'first value or end') return end('[');
      return mark === undefined ? closed() : undefined;
  }
}
