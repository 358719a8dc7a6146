import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Addresses of assets are relative to index.html's <base>, so that the app works below any path.
  base: './',
  plugins: [react()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: { target: 'es2023', sourcemap: false },
  server: { proxy: { '/throughline': 'http://127.0.0.1:16686' } },
});
