import { NotInstalled } from '../broker.ts';

/** What `start` starts. Where its program is not to be had the test is skipped with the reason; in CI it fails. */
export async function unlessMissing<T>(
  start: () => Promise<T>,
  skip: (reason: string) => never | void,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof NotInstalled && !process.env['CI']) skip(error.message);
    throw error;
  }
}
