import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';
import { languages } from './build/languages.ts';
import { opaque } from './build/opaque.ts';
import { shell } from './build/shell.ts';

export default defineConfig({
  plugins: [languages(), svelte(), opaque(), shell(), compressed()],
  // The hub's content security policy allows no inline anything.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `npm run dev` beside a hub on its usual port.
  server: { proxy: { '/api': 'http://localhost:8420' } },
});
