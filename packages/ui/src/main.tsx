import '@fontsource-variable/inter';
import './design/mantine.css';
import './design/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { retryable } from './api/client.ts';
import { ServiceColorsProvider } from './design/use-service-color.tsx';
import { cssVariables, theme } from './design/theme.ts';
import { createAppRouter } from './router.tsx';
import { ShortcutsProvider } from './shell/shortcuts.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A server on this machine answers also while the browser is offline.
      networkMode: 'always',
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && retryable(error),
    },
  },
});
const router = createAppRouter(new URL(document.baseURI).pathname);

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <ServiceColorsProvider>
          <ShortcutsProvider>
            <RouterProvider router={router} />
          </ShortcutsProvider>
        </ServiceColorsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
