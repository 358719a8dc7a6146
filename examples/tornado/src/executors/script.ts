import { injectString } from '@throughline/node';
import { spawn } from 'node:child_process';
import type { Value } from '../matcher/value.ts';
import { ExecutionError, type Executor, textIn } from './executor.ts';

/** How much of what a script writes to standard error is kept. */
const maxErrorLength = 2000;

/**
 * Runs the program in `script`, words of which are arguments, with `args`: a text or number is an argument, those in a list too, and
 * `{name: value}` becomes `--name value`. It runs in `folder`; the trace goes along as TRACEPARENT and TRACESTATE. An exit code other than
 * 0 is a failure that can be retried.
 */
export function scriptExecutor(folder: string): Executor {
  return {
    prepare: (action) => {
      const script = textIn(action, 'script');
      const [command, ...words] = script.split(/\s+/).filter((word) => word !== '');
      if (command === undefined) throw new ExecutionError('the script in the payload is empty', false);
      const { args = null } = action.payload;
      return {
        span: `Execute script: [${script}]. Args: ${JSON.stringify(args)}`,
        run: () => execute(command, [...words, ...argumentsOf(args)], folder),
      };
    },
  };
}

function argumentsOf(value: Value): string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap(argumentsOf);
  if (typeof value !== 'object') return [String(value)];
  return Object.entries(value).flatMap(([name, each]) => [`--${name}`, ...argumentsOf(each)]);
}

function execute(command: string, args: readonly string[], folder: string): Promise<void> {
  const { traceparent, tracestate } = JSON.parse(injectString()) as Record<string, string>;
  const context = {
    ...(traceparent && { TRACEPARENT: traceparent }),
    ...(tracestate && { TRACESTATE: tracestate }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...context },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < maxErrorLength) stderr += text;
    });
    child.once('error', ({ message }) => {
      reject(new ExecutionError(`cannot execute script [${command}]: ${message}`, true));
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const said = stderr.trim().slice(0, maxErrorLength);
      reject(new ExecutionError(`script [${command}] ended with ${signal ?? code}: ${said}`, true));
    });
  });
}
