import { orMissing } from './or-missing.ts';

/** What `start` starts. Where its program is not to be had the test is skipped with the reason; in CI it fails. */
export async function unlessMissing<T>(start: () => Promise<T>, skip: (reason: string) => never): Promise<T> {
  const { broker, missing } = await orMissing(start);
  return broker ?? skip(missing);
}
