import type { Piece } from '../config/piece.ts';
import { compiled } from './operator.ts';
import { compileRegex } from './regex.ts';
import { type Scope, compileText } from './template.ts';
import type { Value } from './value.ts';

/** Changes what was extracted; throws why it cannot. */
export type Modifier = (value: Value, scope: Scope) => Value;

const compilers: Record<string, (piece: Piece) => Modifier> = {
  Lowercase: (piece) => {
    piece.only('type');
    return (value) => asText('Lowercase', value).toLowerCase();
  },
  Trim: (piece) => {
    piece.only('type');
    return (value) => asText('Trim', value).trim();
  },
  ToNumber: (piece) => {
    piece.only('type');
    return toNumber;
  },
  Map: (piece) => {
    piece.only('type', 'mapping', 'default_value');
    const mapping = new Map(
      piece
        .at('mapping')
        .entries()
        .map(([key, to]) => [key, to.text()]),
    );
    const otherwise = piece.at('default_value');
    const mapped = otherwise.isMissing ? undefined : otherwise.text();
    return (value) => {
      const text = asText('Map', value);
      return mapping.get(text) ?? mapped ?? fail(`the modifier Map has no value for "${text}"`);
    };
  },
  ReplaceAll: compileReplaceAll,
  DateAndTime: (piece) => {
    const timeZone = piece.only('type', 'timezone').at('timezone').text().trim();
    return compiled(piece.at('timezone'), () => dateAndTime(timeZone));
  },
};

export function compileModifier(piece: Piece): Modifier {
  const type = piece.at('type').oneOf(Object.keys(compilers));
  return compilers[type]?.(piece) ?? piece.fail(`${type} is not known`);
}

function compileReplaceAll(piece: Piece): Modifier {
  piece.only('type', 'find', 'replace', 'is_regex');
  const find = piece.at('find').text();
  const regex = piece.at('is_regex').bool(false)
    ? compiled(piece.at('find'), () => compileRegex(find, 'g'))
    : undefined;
  const replace = compiled(piece.at('replace'), () => compileText(piece.at('replace').text()));
  return (value, scope) => {
    const text = asText('ReplaceAll', value);
    if (!regex && !text.includes(find)) return text;
    const by = replace(scope);
    if (typeof by !== 'string') return fail('the modifier ReplaceAll has no text to replace by');
    // As in Rust's regular expressions, $1 and $name are groups; in plain texts, $ means nothing.
    return regex
      ? text.replace(regex, by.replace(/\$\{?(\w*[a-zA-Z]\w*)\}?/g, '$<$1>'))
      : text.replaceAll(find, () => by);
  };
}

function toNumber(value: Value): Value {
  if (typeof value === 'number') return value;
  const text = asText('ToNumber', value);
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  return isNumber ? Number(text) : fail(`the modifier ToNumber cannot make a number of "${text}"`);
}

/** Epoch seconds, milliseconds, microseconds or nanoseconds, told apart by their size. */
function dateAndTime(timeZone: string): Modifier {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return (value) => {
    if (!Number.isInteger(value)) return fail('the modifier DateAndTime needs a whole number');
    const size = Math.abs(value as number);
    const perMs = size <= 1e11 ? 1e-3 : size <= 1e14 ? 1 : size <= 1e17 ? 1e3 : 1e6;
    const parts = format.formatToParts(new Date((value as number) / perMs));
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
    const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
    return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}${offset}`;
  };
}

const asText = (modifier: string, value: Value): string =>
  typeof value === 'string' ? value : fail(`the modifier ${modifier} needs a text`);

function fail(message: string): never {
  throw new Error(message);
}
