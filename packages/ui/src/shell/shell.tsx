import { ActionIcon, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKeyboard } from '@tabler/icons-react';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { parseSearchState, type SearchState } from '../search/search-state.ts';
import { ColorSchemeButton } from './color-scheme-button.tsx';
import { GoToTrace } from './go-to-trace.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { useShortcuts } from './shortcuts.tsx';
import { parseUrlSearch } from './url-search.ts';
import classes from './shell.module.css';

/** The frame around every view: a bar of 44 px, and below it a box that the view fills and scrolls by itself. */
export function Shell() {
  const [helpOpened, help] = useDisclosure(false);
  const lastSearch = useLastSearch();
  useShortcuts('Everywhere', [{ keys: ['?'], help: 'Show the keys', run: help.open }]);
  return (
    <div className={classes.shell}>
      <header className={classes.bar}>
        <Link to="/search" search={{}} className={classes.brand}>
          <img src="./icon.svg" alt="" width={20} height={20} />
          Throughline
        </Link>
        <nav className={classes.nav} aria-label="Views">
          <Link
            to="/search"
            search={lastSearch}
            className={classes.view}
            activeOptions={{ includeSearch: false }}
          >
            Search
          </Link>
        </nav>
        <GoToTrace />
        <Tooltip label="Keys (?)">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={help.open}>
            <IconKeyboard size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <ColorSchemeButton />
      </header>
      <main className={classes.main}>
        <Outlet />
      </main>
      <KeyboardHelp opened={helpOpened} onClose={help.close} />
    </div>
  );
}

/** The search that was left for another view; on the search itself an empty one. */
function useLastSearch(): SearchState {
  const current = useRouterState({
    select: ({ location }) => (location.pathname === '/search' ? location.searchStr : undefined),
  });
  const [last, setLast] = useState('');
  if (current !== undefined && current !== last) setLast(current);
  return current === undefined ? parseSearchState(parseUrlSearch(last)) : {};
}
