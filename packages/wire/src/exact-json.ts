import { isUtf8 } from 'node:buffer';
import { InvalidData } from '@throughline/model';

/**
 * Parses JSON like JSON.parse, but keeps whole numbers of 16 digits and more exact by giving them back as strings,
 * which OTLP/JSON allows wherever such a number may stand.
 */
export function parseExactJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new InvalidData('not JSON: the text is not UTF-8');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  try {
    return JSON.parse(/[\s:,[]-?\d{16}/.test(text) ? quoteLongIntegers(text) : text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidData(`not JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** The JSON text with quotes around every whole number of 16 digits and more. */
function quoteLongIntegers(text: string): string {
  const number = /-?\d+(\.\d+)?([eE][-+]?\d+)?/y;
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) === quote) {
      at = endOfString(text, at);
      continue;
    }
    number.lastIndex = at;
    const match = number.exec(text);
    if (!match) continue;
    if (match[0].length >= 16 && !match[1] && !match[2]) {
      quoted += `${text.slice(copied, at)}"${match[0]}"`;
      copied = number.lastIndex;
    }
    at = number.lastIndex - 1;
  }
  return quoted + text.slice(copied);
}

/** Where the closing quote of the string is that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
