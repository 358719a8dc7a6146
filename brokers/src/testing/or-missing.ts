import { NotInstalled } from '../broker.ts';

/** What `start` starts; where its program is not to be had, one line that says so. In CI that is an error. */
export async function orMissing<T>(
  start: () => Promise<T>,
): Promise<{ broker: T; missing: '' } | { broker: undefined; missing: string }> {
  try {
    return { broker: await start(), missing: '' };
  } catch (error) {
    if (!(error instanceof NotInstalled) || process.env['CI']) throw error;
    return { broker: undefined, missing: error.message };
  }
}
