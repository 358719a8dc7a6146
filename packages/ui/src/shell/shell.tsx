import { ActionIcon, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKeyboard } from '@tabler/icons-react';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { DropOverlay } from '../import/drop-overlay.tsx';
import { ImportButton } from '../import/import-button.tsx';
import { ImportsProvider } from '../import/use-imports.tsx';
import { parseLogsState } from '../logs/logs-state.ts';
import { parseMapState } from '../map/map-state.ts';
import { parseSearchState } from '../search/search-state.ts';
import { ColorSchemeButton } from './color-scheme-button.tsx';
import { GoToTrace } from './go-to-trace.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { useShortcuts } from './shortcuts.tsx';
import { parseUrlSearch, type UrlSearch } from './url-search.ts';
import classes from './shell.module.css';

/** The frame around every view: a bar of 44 px, and below it a box that the view fills and scrolls by itself. */
export function Shell() {
  const [helpOpened, help] = useDisclosure(false);
  const lastSearch = useLast('/search', parseSearchState);
  const lastMap = useLast('/map', parseMapState);
  const lastLogs = useLast('/logs', parseLogsState);
  useShortcuts('Everywhere', [{ keys: ['?'], help: 'Show the keys', run: help.open }]);
  return (
    <ImportsProvider>
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
            <Link
              to="/map"
              search={lastMap}
              className={classes.view}
              activeOptions={{ includeSearch: false }}
            >
              Map
            </Link>
            <Link
              to="/logs"
              search={lastLogs}
              className={classes.view}
              activeOptions={{ includeSearch: false }}
            >
              Logs
            </Link>
          </nav>
          <GoToTrace />
          <ImportButton />
          <Tooltip label="Keys (?)">
            <ActionIcon className={classes.keys ?? ''} aria-label="Keyboard shortcuts" onClick={help.open}>
              <IconKeyboard size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
          <ColorSchemeButton />
        </header>
        <main className={classes.main}>
          <Outlet />
        </main>
        <KeyboardHelp opened={helpOpened} onClose={help.close} />
        <DropOverlay />
      </div>
    </ImportsProvider>
  );
}

/** The state in which a view was left for another one; on the view itself an empty one. */
function useLast<State extends object>(
  view: string,
  parse: (search: UrlSearch) => State,
): State | Record<string, never> {
  const current = useRouterState({
    select: ({ location }) => (location.pathname === view ? location.searchStr : undefined),
  });
  const [last, setLast] = useState('');
  if (current !== undefined && current !== last) setLast(current);
  return current === undefined ? parse(parseUrlSearch(last)) : {};
}
