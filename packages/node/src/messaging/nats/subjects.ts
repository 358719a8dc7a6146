import type { Connection } from './types.ts';

/** A subject that one client made up for replies to it. */
export const isInbox = (connection: Connection, subject: string): boolean =>
  subject.startsWith(`${connection.options?.inboxPrefix ?? '_INBOX'}.`);

/** The subject of a subscription where it stands for several. */
export const templateIn = (subject: string): { template?: string } =>
  /(^|\.)[*>](\.|$)/.test(subject) ? { template: subject } : {};

/** Of the server that the connection has now. */
export function serverOf(connection: Connection): { server?: { address: string; port?: number } } {
  const [, address, port] = /^(?:\w+:\/\/)?\[?(.+?)\]?:(\d+)$/.exec(connection.getServer()) ?? [];
  return address === undefined ? {} : { server: { address, port: Number(port) } };
}
