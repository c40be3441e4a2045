import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server sends a strict Content-Security-Policy: no inline scripts, no data: fonts, no module
// preload polyfill (it is an inline-free script, but every browser we support preloads modules).
export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    target: 'es2021',
    outDir: 'dist',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      '/api': { target: 'https://127.0.0.1:8443', secure: false },
      '/ws': { target: 'wss://127.0.0.1:8443', secure: false, ws: true },
    },
  },
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
  },
});
