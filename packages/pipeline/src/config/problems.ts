import { StartError } from '@throughline/model';
import {
  isPair,
  isScalar,
  type LineCounter,
  type Document,
  type ParsedNode,
  isMap,
  isSeq,
  isAlias,
} from 'yaml';
import { formatPath, type Path } from './schema.ts';

/** One thing that is wrong in a configuration, and where: `config.yaml:7:15: receivers.otlp.protocol: unknown key`. */
export interface Problem {
  readonly path: Path;
  readonly sentence: string;
  readonly line: number;
  readonly column: number;
}

/** Everything that is wrong in a configuration, in the order of the file. */
export class ConfigError extends StartError {
  readonly problems: readonly Problem[];
  constructor(file: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    super(sorted.map((problem) => formatProblem(file, problem)).join('\n'));
    this.problems = sorted;
  }
}

export function formatProblem(file: string, { path, sentence, line, column }: Problem): string {
  return `${file}:${line}:${column}: ${path.length ? `${formatPath(path)}: ` : ''}${sentence}`;
}

/** Where `path` stands in the document: its key, or the deepest part of it that is written. Lines and columns from 1. */
export function locate(
  document: Document.Parsed,
  lines: LineCounter,
  path: Path,
): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === part,
      );
      if (!pair) break;
      offset = (pair.key as ParsedNode).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = (node as ParsedNode | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
