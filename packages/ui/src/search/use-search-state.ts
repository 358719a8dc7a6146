import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { SearchState } from './search-state.ts';

/** The state in the address, and how to change parts of it; each change is a step that the Back button undoes. */
export function useSearchState(): [SearchState, (change: Partial<SearchState>) => void] {
  const state = useSearch({ from: '/search' });
  const navigate = useNavigate({ from: '/search' });
  const change = useCallback(
    (part: Partial<SearchState>) => void navigate({ search: (before) => ({ ...before, ...part }) }),
    [navigate],
  );
  return [state, change];
}
