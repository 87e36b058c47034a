// Tells the service worker which files the app is made of.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
          output: {
            entryFileNames: (chunk) => (chunk.name === 'service-worker' ? WORKER : 'assets/[name]-[hash].js'),
            // Whatever the door needs is one file: many small ones compress badly.
            codeSplitting: { groups: [{ name: (id, chunking) => (doorOf((other) => chunking.getModuleInfo(other)).has(id) ? 'app' : null) }] },
          },
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

type Look = Rolldown.ChunkingContext['getModuleInfo'];
let door: Set<string> | null = null;

/** All that the app's first script imports, and what that imports in turn. */
function doorOf(look: Look): Set<string> {
  if (door) return door;
  door = new Set();
  const enter = (id: string): void => {
    if (door?.has(id)) return;
    door?.add(id);
    for (const next of look(id)?.importedIds ?? []) enter(next);
  };
  enter(join(import.meta.dirname, '../src/main.ts'));
  return door;
}

function size(file: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): number {
  return file?.type === 'chunk' ? file.code.length : (file?.source.length ?? 0);
}
