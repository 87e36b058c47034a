// Tells the service worker which files the app is made of.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Plugin, Rolldown } from 'vite';

const WORKER = 'service-worker.js';
/** What is larger is a dictionary that only set-up asks for, and of no use without a hub. */
const LARGEST = 300_000;

export function shell(): Plugin {
  return {
    name: 'porchlight-shell',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { app: 'index.html', 'service-worker': 'src/service-worker.ts' },
          // A service worker is known by its address, so that keeps its name; all else is named by what is in it.
          output: { entryFileNames: (chunk) => (chunk.name === 'service-worker' ? WORKER : 'assets/[name]-[hash].js') },
        },
      },
    }),
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== 'chunk' || worker.imports.length > 0) this.error('the service worker has to be one file');
        const names = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort();
        const built = names.filter((name) => size(bundle[name]) <= LARGEST);
        const fixed = readdirSync('public').sort();
        const all = createHash('sha256');
        for (const name of names) all.update(name);
        for (const name of ['index.html', ...fixed.map((name) => `public/${name}`)]) all.update(name).update(readFileSync(name));
        const paths = ['', ...fixed, ...built].map((name) => `/${name}`);
        worker.code = `const SHELL=${JSON.stringify(paths)},VERSION=${JSON.stringify(all.digest('hex').slice(0, 16))};\n${worker.code}`;
      },
    },
  };
}

function size(file: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): number {
  return file?.type === 'chunk' ? file.code.length : (file?.source.length ?? 0);
}
