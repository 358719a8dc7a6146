import { InvalidData } from '@throughline/model';
import { createGunzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { parseExactJson } from '../exact-json.ts';
import { placeOfSyntaxError } from './place-of-syntax-error.ts';
import { isImportable } from './kinds.ts';

/** One JSON document of a file. */
export interface Document {
  readonly value: unknown;
  /** The line it stands in, where the file has a document in each line. */
  readonly line: number | undefined;
}

const newline = 0x0a;
const noLine = -1;

/**
 * The documents of a file: the whole of it, or each of its lines where the first line is a document already. Gzip is
 * unpacked. A line that is not JSON is complained about; a file that is not throws InvalidData with the place, and so
 * does a document that is longer than `maxBytes`.
 */
export async function* documentsOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  complain: (problem: InvalidData) => void,
): AsyncGenerator<Document> {
  let buffered = new Buffered(maxBytes);
  let line = 0;
  let isLines: boolean | undefined;
  for await (const chunk of unpacked(chunks)) {
    buffered.add(chunk);
    for (let text = isLines === false ? undefined : buffered.takeLine(); text; text = buffered.takeLine()) {
      if (isLines === undefined && !isBlank(text)) {
        const value = importable(text);
        isLines = value !== undefined;
        if (!isLines) {
          buffered = buffered.putBack(text);
          break;
        }
        yield { value, line: ++line };
        continue;
      }
      line++;
      const document = isBlank(text) ? undefined : parsedLine(text, line, complain);
      if (document) yield document;
    }
  }
  const rest = buffered.takeAll();
  if (isBlank(rest)) {
    if (isLines === undefined) throw new InvalidData('the file is empty');
    return;
  }
  if (isLines) {
    const document = parsedLine(rest, line + 1, complain);
    if (document) yield document;
    return;
  }
  yield* wholeOrLines(rest, line, complain);
}

/** The text as one document; where it is none, its lines, if any of them is. */
function* wholeOrLines(
  bytes: Buffer,
  linesBefore: number,
  complain: (problem: InvalidData) => void,
): Generator<Document> {
  let value: unknown;
  try {
    value = parseExactJson(bytes);
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error;
    const lines = linesIn(bytes);
    if (!lines.slice(0, mostTried).some((line) => importable(line) !== undefined))
      throw placed(error, bytes, linesBefore);
    for (const [n, line] of lines.entries()) {
      const document = isBlank(line) ? undefined : parsedLine(line, linesBefore + n + 1, complain);
      if (document) yield document;
    }
    return;
  }
  yield { value, line: undefined };
}

const mostTried = 1_000;

function placed(error: InvalidData, bytes: Buffer, linesBefore: number): InvalidData {
  const text = '\n'.repeat(linesBefore) + bytes.toString();
  return error.message.includes('UTF-8')
    ? error
    : new InvalidData(`${placeOfSyntaxError(text)}: this is not JSON`, { cause: error });
}

function parsedLine(
  bytes: Buffer,
  line: number,
  complain: (problem: InvalidData) => void,
): Document | undefined {
  try {
    return { value: parseExactJson(bytes), line };
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error;
    complain(new InvalidData(`line ${line}: this is not JSON`, { cause: error }));
    return undefined;
  }
}

/** The line's value where it is by itself something that can be imported. */
function importable(line: Buffer): unknown {
  try {
    const value = parseExactJson(line);
    return isImportable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function linesIn(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(newline, from);
    const to = end === noLine ? bytes.length : end;
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

/** Bytes that wait for the end of their line or of the file. */
class Buffered {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** How many of the parts have no line's end in them. */
  #searched = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Uint8Array): void {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#size += chunk.byteLength;
    if (this.#size > this.#maxBytes) throw new DocumentTooLarge(this.#maxBytes);
  }

  /** The first line without its end; undefined where it has not ended. */
  takeLine(): Buffer | undefined {
    let end = noLine;
    for (; this.#searched < this.#parts.length; this.#searched++) {
      end = this.#parts[this.#searched]!.indexOf(newline);
      if (end !== noLine) break;
    }
    if (end === noLine) return undefined;
    const last = this.#searched;
    const part = this.#parts[last]!;
    const line = Buffer.concat([...this.#parts.slice(0, last), part.subarray(0, end)]);
    this.#parts = [part.subarray(end + 1), ...this.#parts.slice(last + 1)];
    this.#size -= line.length + 1;
    this.#searched = 0;
    return line;
  }

  /** A buffer in which the line stands in front again. */
  putBack(line: Buffer): Buffered {
    const whole = new Buffered(this.#maxBytes);
    for (const part of [line, Buffer.of(newline), ...this.#parts]) whole.add(part);
    return whole;
  }

  takeAll(): Buffer {
    const all = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#searched = 0;
    return all;
  }
}

/** A document does not fit. */
export class DocumentTooLarge extends InvalidData {
  constructor(maxBytes: number) {
    super(
      `a document of more than ${Math.floor(maxBytes / 2 ** 20)} MiB cannot be read at once; JSON lines have no such limit as a whole`,
    );
  }
}

/** The bytes, without gzip around them. */
async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const head = await atLeast(source, 2);
  const all = { [Symbol.asyncIterator]: () => following(head, source) };
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // Errors of either arrive at the reader of the last one.
  pipeline(Readable.from(all), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_'))
      throw new InvalidData(`the gzip around it is damaged: ${(error as Error).message}`);
    throw error;
  }
}

async function atLeast(source: AsyncIterator<Uint8Array>, bytes: number): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < bytes) {
    const { done, value } = await source.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* following(
  head: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield head;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}
