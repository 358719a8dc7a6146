import type { IncomingMessage } from 'node:http';
import { NotValid, Piece } from '../../config/piece.ts';
import { HttpError } from '../../http/route.ts';

export const permissions = [
  'ConfigEdit',
  'ConfigView',
  'RuntimeConfigEdit',
  'RuntimeConfigView',
  'TestEventExecuteActions',
] as const;
export type Permission = (typeof permissions)[number];

/** Who asks, and what they may do. */
export interface Caller {
  user: string;
  /** The part of the tree that they may see: names of nodes from the root on. */
  path: readonly string[];
  /** Throws a 403 where they may do none of these. */
  mustHave(...anyOf: readonly Permission[]): void;
}

/**
 * Tokens are only the base64 of JSON: who can reach the API is trusted to say who they are, as a proxy in front of it does.
 * Version 1 is `{user, roles}`, version 2 `{user, auths: {<key>: {path, roles}}}` with the key that the URL names.
 */
export class Auth {
  readonly #rolePermissions: ReadonlyMap<string, readonly Permission[]>;

  /** `role_permissions` in the configuration. */
  constructor(piece: Piece) {
    this.#rolePermissions = new Map(
      piece.entries().map(([role, all]) => [role, all.list().map((each) => each.oneOf(permissions))]),
    );
  }

  /** Of an endpoint of version 1. */
  caller(message: IncomingMessage): Caller {
    return reading(() => {
      const token = tokenOf(message);
      return this.#caller(token.at('user').text(), ['root'], token.at('roles'));
    });
  }

  /** Of an endpoint of version 2, `key` being in its URL. */
  callerFor(message: IncomingMessage, key: string): Caller {
    return reading(() => {
      const token = tokenOf(message);
      const auth = token.at('auths').at(key);
      if (auth.isMissing) throw new HttpError(403, `the token says nothing about ${key}`);
      const path = auth
        .at('path')
        .list()
        .map((name) => name.text());
      return this.#caller(token.at('user').text(), path, auth.at('roles'));
    });
  }

  #caller(user: string, path: readonly string[], roles: Piece): Caller {
    const granted = roles.list().flatMap((role) => this.#rolePermissions.get(role.text()) ?? []);
    const mustHave = (...anyOf: readonly Permission[]): void => {
      if (!anyOf.some((permission) => granted.includes(permission)))
        throw new HttpError(403, `${user} lacks ${anyOf.join(' or ')}`);
    };
    return { user, path, mustHave };
  }
}

function tokenOf({ headers }: IncomingMessage): Piece {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) throw new HttpError(401, 'there is no bearer token');
  return new Piece(JSON.parse(Buffer.from(token, 'base64').toString()), 'the token');
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isBad = error instanceof NotValid || error instanceof SyntaxError;
    throw isBad ? new HttpError(401, `the token cannot be read: ${error.message}`) : error;
  }
}
