// How fast the app's own code opens what is sealed, in a worker of the browser.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export async function decryption(browser, { web, scratch, runs }) {
  const vite = createRequire(join(web, 'package.json')).resolve('vite');
  const { build } = await import(pathToFileURL(vite).href);
  const entry = join(import.meta.dirname, 'decrypt.ts');
  const out = join(scratch, 'decrypt');
  await build({
    root: web, configFile: false, logLevel: 'error',
    // The worker's packages are the app's.
    resolve: { alias: { 'age-encryption': join(web, 'node_modules/age-encryption') } },
    build: { outDir: out, emptyOutDir: true, copyPublicDir: false, target: 'es2022', lib: { entry, formats: ['es'], fileName: () => 'decrypt.js' } },
  });
  const server = createServer((asked, answer) => {
    const script = asked.url === '/decrypt.js';
    answer.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' }).end(script ? readFileSync(join(out, 'decrypt.js')) : '<!doctype html>');
  });
  await new Promise((listens) => server.listen(0, '127.0.0.1', listens));
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate(({ megabytes, runs }) => new Promise((done, failed) => {
      const worker = new Worker('/decrypt.js', { type: 'module' });
      worker.onmessage = ({ data }) => (Array.isArray(data) ? done(data) : failed(new Error(data)));
      worker.onerror = ({ message }) => failed(new Error(message));
      worker.postMessage({ megabytes, runs });
    }), { megabytes: 8, runs: runs + 1 });
  } finally {
    await page.close();
    server.close();
  }
}
