import type { Piece } from '../config/piece.ts';
import { compileModifier } from './modifier.ts';
import { compiled } from './operator.ts';
import { compileRegex, namesOfGroups } from './regex.ts';
import { type Scope, compileText } from './template.ts';
import { type Value, isMap } from './value.ts';

/** Takes a value out of an event; throws why it is not to be had. */
export type Extractor = (scope: Scope) => Value;

/** `undefined` where it is not in the value. */
type Search = (value: Value) => Value | undefined;

export function compileExtractor(piece: Piece): Extractor {
  piece.only('from', 'regex', 'modifiers_post');
  const from = compiled(piece.at('from'), () => compileText(piece.at('from').text()));
  const search = compileSearch(piece.at('regex'));
  const modifiers = piece.at('modifiers_post').isMissing
    ? []
    : piece.at('modifiers_post').list().map(compileModifier);
  return (scope) => {
    const value = from(scope);
    const found = value === undefined ? undefined : search(value);
    if (found === undefined) throw new Error('it is not in the event');
    return modifiers.reduce((modified, modify) => modify(modified, scope), found);
  };
}

function compileSearch(piece: Piece): Search {
  const forms = ['match', 'named_match', 'single_key_match'].filter((form) => !piece.at(form).isMissing);
  const [form] = forms;
  if (form === undefined || forms.length > 1)
    return piece.fail('must have one of match, named_match and single_key_match');
  if (form === 'single_key_match') return singleKey(regexOf(piece.only(form).at(form), ''));
  const regex = regexOf(piece.at(form), 'g');
  const all = piece.at('all_matches').bool(false);
  if (form === 'match') {
    const index = piece.only(form, 'group_match_idx', 'all_matches').at('group_match_idx');
    return inText(regex, all, index.isMissing ? everyGroup : oneGroup(index.number()));
  }
  piece.only(form, 'all_matches');
  if (namesOfGroups(regex).length === 0) piece.at(form).fail('has no named group');
  return inText(regex, all, namedGroups);
}

const regexOf = (piece: Piece, flags: string): RegExp =>
  compiled(piece, () => compileRegex(piece.text(), flags));

/** What a match gives; `undefined` where a group that is wanted took no part. */
type Take = (match: RegExpExecArray) => Value | undefined;

/** Of the first match, or a list of all; one that lacks a group spoils them all. */
function inText(regex: RegExp, all: boolean, take: Take): Search {
  return (value) => {
    if (typeof value !== 'string') return undefined;
    const taken: Value[] = [];
    for (const match of value.matchAll(regex)) {
      const result = take(match);
      if (result === undefined || !all) return result;
      taken.push(result);
    }
    return taken.length === 0 ? undefined : taken;
  };
}

const oneGroup =
  (index: number): Take =>
  (match) =>
    match[index];

/** The whole match first. */
const everyGroup: Take = (match) => {
  const groups = Array.from(match, (group: string | undefined) => group);
  return groups.includes(undefined) ? undefined : (groups as string[]);
};

const namedGroups: Take = ({ groups = {} }) =>
  Object.values<string | undefined>(groups).includes(undefined) ? undefined : { ...groups };

/** The value of the one key that matches; more than one are an error. */
function singleKey(regex: RegExp): Search {
  return (value) => {
    const keys = isMap(value) ? Object.keys(value).filter((key) => regex.test(key)) : [];
    if (keys.length > 1) throw new Error(`${keys.length} keys match where one is expected`);
    return keys[0] === undefined || !isMap(value) ? undefined : value[keys[0]];
  };
}
