import type { TraceState } from '@opentelemetry/api';

const maxMembers = 32;
// W3C Trace Context Level 2, section 3.3.1.3: key and value.
const keyPattern = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
const valuePattern = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** A tracestate as W3C Trace Context Level 2 has it: at most 32 members, the one that was set last in front. */
export class MemberList implements TraceState {
  readonly #members: ReadonlyMap<string, string>;
  /** It is written for every span and every request of a trace. */
  #text: string | undefined;

  constructor(members: ReadonlyMap<string, string> = new Map()) {
    this.#members = members;
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  /** With `key` in front; the last member goes when there would be more than 32. Unchanged when one is not allowed. */
  set(key: string, value: string): MemberList {
    if (!keyPattern.test(key) || !valuePattern.test(value)) return this;
    const others = [...this.#members].filter(([name]) => name !== key);
    return new MemberList(new Map([[key, value], ...others.slice(0, maxMembers - 1)]));
  }

  unset(key: string): MemberList {
    return new MemberList(new Map([...this.#members].filter(([name]) => name !== key)));
  }

  serialize(): string {
    return (this.#text ??= Array.from(this.#members, ([key, value]) => `${key}=${value}`).join(','));
  }
}

/**
 * Hot: runs for every request with a tracestate. The members of the header, or undefined where it has none, more than
 * 32, or one that is not allowed: then no member counts. Of members with the same key the first counts, which was set
 * last. Empty ones are allowed.
 */
export function parseTraceState(header: string): MemberList | undefined {
  const members = new Map<string, string>();
  let count = 0;
  for (let from = 0, to = 0; to < header.length; from = to + 1) {
    to = header.indexOf(',', from);
    if (to < 0) to = header.length;
    const member = withoutSpace(header.slice(from, to));
    if (member === '') continue;
    const equals = member.indexOf('=');
    if (equals < 0 || ++count > maxMembers) return undefined;
    const key = member.slice(0, equals);
    const value = member.slice(equals + 1);
    if (!keyPattern.test(key) || !valuePattern.test(value)) return undefined;
    if (!members.has(key)) members.set(key, value);
  }
  return count === 0 ? undefined : new MemberList(members);
}

/** Without spaces and tabs around it, which is all that HTTP calls optional white space. */
export function withoutSpace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;
