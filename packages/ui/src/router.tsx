import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { parseLogsState } from './logs/logs-state.ts';
import { parseMapState } from './map/map-state.ts';
import { parseSearchState } from './search/search-state.ts';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { parseUrlSearch, printUrlSearch, type UrlSearch } from './shell/url-search.ts';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/search', search: {}, replace: true });
  },
});

const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: (raw: UrlSearch) => parseSearchState(raw),
  component: lazyRouteComponent(() => import('./search/search-view.tsx'), 'SearchView'),
});

const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  validateSearch: (raw: UrlSearch) => parseLogsState(raw),
  component: lazyRouteComponent(() => import('./logs/logs-page.tsx'), 'LogsPage'),
});

const mapRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/map',
  validateSearch: (raw: UrlSearch) => parseMapState(raw),
  component: lazyRouteComponent(() => import('./map/map-page.tsx'), 'MapPage'),
});

const importRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/import',
  component: lazyRouteComponent(() => import('./import/import-page.tsx'), 'ImportPage'),
});

/** The trace view reads and writes its own state: to the router it is texts by name. */
const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trace/$traceId',
  validateSearch: (raw: UrlSearch): UrlSearch => raw,
  component: lazyRouteComponent(() => import('./shell/trace-page.tsx'), 'TracePage'),
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  searchRoute,
  mapRoute,
  logsRoute,
  importRoute,
  traceRoute,
]);

/** `basePath` is where the app is mounted: "/" or, behind a reverse proxy, something like "/tracing/". */
export function createAppRouter(basePath: string) {
  return createRouter({
    routeTree,
    basepath: basePath,
    parseSearch: parseUrlSearch,
    stringifySearch: printUrlSearch,
    defaultPreload: 'intent',
    scrollRestoration: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
