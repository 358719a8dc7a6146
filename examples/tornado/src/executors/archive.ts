import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { Piece } from '../config/piece.ts';
import type { Action } from '../event.ts';
import { ExecutionError, type Executor, textIn } from './executor.ts';

/** `archive_executor.toml`: where events are written, by the `archive_type` of the action. */
export interface ArchiveSettings {
  /** Nothing is written outside of it. */
  basePath: string;
  /** For actions without a type. */
  defaultPath: string;
  /** By type; `${key}` in a path is a text of the action's payload. */
  paths: ReadonlyMap<string, string>;
}

export function archiveSettings(piece: Piece, folder: string): ArchiveSettings {
  piece.only('base_path', 'default_path', 'paths');
  return {
    basePath: resolve(folder, piece.at('base_path').text()),
    defaultPath: piece.at('default_path').text('/default/file.log'),
    paths: new Map(
      piece
        .at('paths')
        .entries()
        .map(([type, path]) => [type, path.text()]),
    ),
  };
}

/** Appends the `event` of an action as a line of JSON to a file. */
export function archiveExecutor(settings: ArchiveSettings): Executor {
  return {
    prepare: (action) => {
      const { event } = action.payload;
      if (event === undefined) throw new ExecutionError('the payload of the action has no "event"', false);
      const path = pathFor(action, settings);
      return { span: `Archive Event to: ${path}`, run: () => append(path, `${JSON.stringify(event)}\n`) };
    },
  };
}

function pathFor(action: Action, { basePath, defaultPath, paths }: ArchiveSettings): string {
  const { archive_type: type } = action.payload;
  const template = type === undefined ? defaultPath : paths.get(textIn(action, 'archive_type'));
  if (template === undefined)
    throw new ExecutionError(`there is no path for archive_type ${JSON.stringify(type)}`, false);
  const relative = template.replace(/\$\{([^}]+)\}/g, (_, key: string) => textIn(action, key));
  const path = resolve(basePath, `./${relative}`);
  if (!path.startsWith(basePath + sep))
    throw new ExecutionError(`${relative} is outside of the archive`, false);
  return path;
}

async function append(path: string, line: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, line);
  } catch (error) {
    throw new ExecutionError(`cannot write to ${path}: ${(error as Error).message}`, true);
  }
}
