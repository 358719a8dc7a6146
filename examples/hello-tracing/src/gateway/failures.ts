import type { ServerResponse } from 'node:http';

const failures = new WeakMap<ServerResponse, string>();

/** Why a request could not be answered, for its span, which is made and ended outside of the handler. */
export const failureOf = (response: ServerResponse): string | undefined => failures.get(response);

export const failed = (response: ServerResponse, message: string): void => {
  failures.set(response, message);
};
