import type { UrlSearch } from '../shell/url-search.ts';

export type SearchState = UrlSearch;
export function parseSearchState(raw: UrlSearch): SearchState {
  return raw;
}
