import type * as Configuration from '@opentelemetry/configuration';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

/**
 * The configuration in the file at `path`, with what it names of the environment put in, as the schema of OpenTelemetry's
 * declarative configuration 1.x has it. Throws with the file, and the place in it, where it is not of that form.
 */
export function readConfigFile(path: string): Configuration.ConfigurationModel {
  const problem = syntaxProblem(path);
  if (problem !== undefined) throw new Error(problem);
  const { createConfigFactory } = require('@opentelemetry/configuration') as typeof Configuration;
  try {
    // Substitution may name any variable, so all of them are there.
    return createConfigFactory().getConfigModel();
  } catch (error) {
    throw new Error(said((error as Error).message), { cause: error });
  }
}

/** The official parser makes what it can of a file that is not YAML, and says nothing. */
function syntaxProblem(path: string): string | undefined {
  const { parseDocument } = require('yaml') as typeof Yaml;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
  const [error] = parseDocument(text, { version: '1.2', prettyErrors: false }).errors;
  if (!error) return undefined;
  const before = text.slice(0, error.pos[0]).split('\n');
  return `${path}:${before.length}:${(before.at(-1) ?? '').length + 1}: ${error.message}`;
}

const said = (message: string): string =>
  message
    .replace(/^Invalid OpenTelemetry config file: /, '')
    .replaceAll(/:? *\n */g, '; ')
    .trim();
