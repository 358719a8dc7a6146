import type { Piece } from '../config/piece.ts';
import type { Event } from '../event.ts';
import { compiled } from '../matcher/operator.ts';
import { compileRegex } from '../matcher/regex.ts';
import type { Values } from '../matcher/value.ts';

/** Sets metadata of an event by the subject it came on; `undefined` where it came another way. */
export type SetMetadata = (event: Event, subject: string | undefined) => Event;

/**
 * `nats_extractors`: `{type = "FromSubject", key, regex}` sets `metadata.<key>` to the first group of the expression in the
 * subject. What a sender says about these keys, and about `tenant_id`, is dropped: whose an event is says the subject alone.
 */
export function subjectExtractors(piece: Piece): SetMetadata {
  const extractors = piece.isMissing ? [] : piece.list().map(parseExtractor);
  const owned = new Set(['tenant_id', ...extractors.map(({ key }) => key)]);
  return (event, subject) => {
    const said = Object.entries(event.metadata).filter(([key]) => !owned.has(key));
    const found: Values = {};
    for (const { key, regex } of extractors) {
      const value = subject === undefined ? undefined : regex.exec(subject)?.[1];
      if (value !== undefined) found[key] = value;
    }
    return { ...event, metadata: { ...Object.fromEntries(said), ...found } };
  };
}

function parseExtractor(piece: Piece): { key: string; regex: RegExp } {
  piece.only('type', 'key', 'regex').at('type').oneOf(['FromSubject']);
  const regex = piece.at('regex');
  return { key: piece.at('key').text(), regex: compiled(regex, () => compileRegex(regex.text())) };
}
