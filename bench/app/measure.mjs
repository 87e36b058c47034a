// What a household waits for in the app: driven in Chromium against a real hub, as a person would.
//
// usage: node measure.mjs PROGRAM SCRATCH [--quick]        prints what was measured as JSON, for bench/src/benchmarks/app.rs

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { decryption } from './decrypt.mjs';
import { dayOfMany, firstFrames, firstPicture } from './pages.mjs';
import { House, NAME } from './house.mjs';
import { judged } from './lighthouse.mjs';
import { code, PHONE, throttle, VIEW } from './phone.mjs';

const [program, scratch] = process.argv.slice(2);
const quick = process.argv.includes('--quick');
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(scratch, 'app-'));
const house = new House(program, root, folder);
const log = (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const launch = { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'] };

/** Bytes of scripts, styles, fonts and WebAssembly that a phone fetches, compressed as they travel. */
function fetched(page) {
  const answers = [];
  page.on('requestfinished', (request) => answers.push(request));
  return async () => {
    const sizes = await Promise.all(answers.filter((request) => /\.(js|css|wasm)$|\/$/.test(new URL(request.url()).pathname)).map((request) => request.sizes()));
    return sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  };
}

/** A phone that was never here, until it shows the sign-in. */
async function firstLoads(browser) {
  const told = { form: [], paint: [], before: 0, signIn: [], signedIn: 0 };
  for (let run = 0; run < plan.runs; run++) {
    const context = await browser.newContext({ ...VIEW, serviceWorkers: 'block' });
    const page = await context.newPage();
    await throttle(page, PHONE);
    const bytes = fetched(page);
    await page.goto(plan.address);
    await page.getByLabel('Your passphrase').waitFor();
    told.form.push(await page.evaluate(() => performance.now()));
    told.paint.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN));
    await page.waitForLoadState('networkidle');
    told.before = await bytes();
    await context.close();
  }
  return told;
}

/** Signs in with the phone's network and processor, from the button to the first page. The context stays signed in. */
async function signIns(browser) {
  const told = { milliseconds: [], bytes: 0 };
  let context;
  for (let run = 0; run < plan.signIns; run++) {
    await context?.close();
    context = await browser.newContext({ ...VIEW, serviceWorkers: 'block' });
    const page = await context.newPage();
    await throttle(page, PHONE);
    const bytes = fetched(page);
    await page.goto(plan.address);
    await page.getByLabel('Your name').fill(plan.name);
    await page.getByLabel('Your passphrase').fill(readFileSync(plan.passphrase, 'utf8').trim());
    await page.getByLabel(/six digits/).fill(await code(readFileSync(plan.totp, 'utf8').trim()));
    const began = performance.now();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    told.milliseconds.push(performance.now() - began);
    await page.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => undefined);
    told.bytes = await bytes();
    await page.close();
  }
  return { told, context };
}

/** All that the hub serves of scripts, styles and WebAssembly, compressed. */
function everything() {
  const folder = join(plan.web, 'dist/assets');
  const sizes = readdirSync(folder).filter((name) => name.endsWith('.br')).map((name) => readFileSync(join(folder, name)).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

const moments = quick ? 200 : 10_000;
log('a household whose camera has recorded');
await house.open();
await house.record(3);
const plan = {
  address: house.address, name: NAME, passphrase: house.file('passphrase'), totp: house.file('totp'), scratch: folder,
  web: join(root, 'web'), runs: quick ? 1 : 5, signIns: quick ? 1 : 3,
};
const told = { moments };
const browser = await chromium.launch(launch);
try {
  log('first loads');
  told.first = await firstLoads(browser);
  told.all = everything();
  log('signing in');
  const { told: signIn, context } = await signIns(browser);
  told.signIn = signIn;
  log('the first picture');
  told.picture = await firstPicture(context, plan);
  log('from a tap to the first frame');
  told.tap = await firstFrames(context, plan);
  log('a day of many moments');
  await house.write(moments);
  told.day = await dayOfMany(context, plan);
  log('opening in the worker');
  told.decrypt = await decryption(browser, plan);
  await browser.close();
  log('Lighthouse');
  told.lighthouse = await judged(plan, launch);
} finally {
  await browser.close();
  house.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(JSON.stringify(told));
