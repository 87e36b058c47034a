import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';
import { opaque } from './build/opaque.ts';

export default defineConfig({
  plugins: [svelte(), opaque(), compressed()],
  // The hub's content security policy allows no inline anything.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `npm run dev` beside a hub on its usual port.
  server: { proxy: { '/api': 'http://localhost:8420' } },
});
