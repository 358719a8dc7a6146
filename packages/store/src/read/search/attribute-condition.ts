import type { Bound } from '../bound.ts';
import type { AttributeCondition, AttributeType } from '../trace-query.ts';

/** What a condition's value can be compared with. */
interface Operand {
  readonly text: string;
  /** Its number as SQL for a comparison with integers and with doubles, where the text reads as one. */
  readonly number?: (bound: Bound) => string;
  readonly bool?: boolean;
}

/**
 * SQL that holds where an attribute in the maps of a row fulfils the condition. `types`: the types that the key can
 * have, as the others' maps need not be read.
 */
export function attributeSql(
  condition: AttributeCondition,
  types: ReadonlySet<AttributeType>,
  bound: Bound,
): string {
  const key = bound.string(condition.key);
  const operand = operandOf(condition.value ?? '');
  const present = (map: AttributeType) => `mapContains(${column(map)}, ${key})`;
  const value = (map: AttributeType) => `${column(map)}[${key}]`;
  const compared = (map: AttributeType, test: string) => `(${present(map)} AND ${value(map)} ${test})`;
  const either = (parts: readonly string[]) => (parts.length === 0 ? '0' : `(${parts.join(' OR ')})`);
  const number = operand.number?.(bound);
  const equal = () =>
    either(
      [
        types.has('string') && equalText(key, operand.text, bound),
        types.has('int') && number && equalNumber('int', number),
        types.has('double') && number && equalNumber('double', number),
        types.has('bool') && operand.bool !== undefined && compared('bool', `= ${operand.bool}`),
      ].filter((part) => typeof part === 'string'),
    );
  // A map without the key reads as 0.
  const equalNumber = (map: AttributeType, right: string) =>
    Number(operand.text) === 0 ? compared(map, `= ${right}`) : `${value(map)} = ${right}`;
  const exists = () => either([...types].map(present));
  switch (condition.op) {
    case 'exists':
      return exists();
    case '=':
      return equal();
    case '!=':
      return `(${exists()} AND NOT ${equal()})`;
    case 'contains':
      return types.has('string')
        ? `positionCaseInsensitiveUTF8(${value('string')}, ${bound.string(operand.text)}) > 0`
        : '0';
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const test = (right: string) => `${condition.op} ${right}`;
      if (number === undefined)
        return types.has('string') ? compared('string', test(bound.string(operand.text))) : '0';
      return either(
        (['int', 'double'] as const)
          .filter((map) => types.has(map))
          .map((map) => compared(map, test(number))),
      );
    }
  }
}

/** The items of all texts of a row have a bloom filter, which only `has` asks. */
function equalText(key: string, text: string, bound: Bound): string {
  const value = bound.string(text);
  const here = `attributes_string[${key}] = ${value} AND has(mapValues(attributes_string), ${value})`;
  return text === '' ? `(${here} AND mapContains(attributes_string, ${key}))` : `(${here})`;
}

function column(type: AttributeType): string {
  return type === 'array' ? 'attributes_other' : `attributes_${type}`;
}

function operandOf(value: string | number | boolean): Operand {
  const text = String(value);
  if (text === 'true' || text === 'false') return { text, bool: text === 'true' };
  if (/^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text))
    return { text, number: (bound) => bound.value('Int64', BigInt(text)) };
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text))
    return { text, number: (bound) => bound.number(Number(text)) };
  return { text };
}
