// What Lighthouse says of the pages: what helps everybody to use them, and good practice.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';
import { code } from './phone.mjs';

const PAGES = ['', 'timeline', 'people', 'ledger', 'phone'];

export async function judged({ address, name, passphrase, totp, scratch }, launch) {
  const port = await free();
  const context = await chromium.launchPersistentContext(join(scratch, 'profile'), { ...launch, args: [...launch.args, `--remote-debugging-port=${port}`], locale: 'en-GB' });
  const told = {};
  try {
    told['sign-in'] = await judge(`${address}/`, port);
    const page = await context.newPage();
    await page.goto(address);
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Your passphrase').fill(readFileSync(passphrase, 'utf8').trim());
    await page.getByLabel(/six digits/).fill(await code(readFileSync(totp, 'utf8').trim()));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.close();
    for (const path of PAGES) told[path || 'home'] = await judge(`${address}/#/${path}`, port);
  } finally {
    await context.close();
  }
  return told;
}

async function judge(url, port) {
  const how = { port, onlyCategories: ['accessibility', 'best-practices'], disableStorageReset: true, maxWaitForLoad: 15_000, logLevel: 'error', output: 'json' };
  const { lhr } = await lighthouse(url, how);
  const failed = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && scoreDisplayMode !== 'informative').map(({ id }) => id);
  return { accessibility: lhr.categories.accessibility.score, practices: lhr.categories['best-practices'].score, failed };
}

function free() {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}
