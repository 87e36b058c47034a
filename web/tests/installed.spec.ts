// The app in a phone: installed, without the hub, and when the hub brings a newer one.

import { expect, test, type Somebody } from './test';
import type { Page, Request } from '@playwright/test';
import { Front } from './front';

/** Everything that the browser keeps for the app's service worker, by path. */
async function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => url.replace(location.origin, ''));
  });
}

/** Waits until the service worker has everything, and this page. */
async function isKept(page: Page): Promise<void> {
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated' && navigator.serviceWorker.controller !== null);
}

/** Of a first visit: at most 120 kB travel until the sign-in can be used, the cipher of its proof included. */
async function costsLittle(page: Page, visit: () => Promise<unknown>): Promise<void> {
  const files: Request[] = [];
  page.on('requestfinished', (request) => files.push(request));
  const cipher = page.waitForEvent('requestfinished', (request) => request.url().endsWith('.wasm'));
  await visit();
  await expect(page.locator('form input[autocomplete^=username]')).toBeVisible();
  await cipher;
  const sizes = await Promise.all(files.filter((request) => !request.serviceWorker() && !request.url().includes('/api/')).map(async (request) => (await request.sizes()).responseBodySize));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`${bytes} bytes until the sign-in can be used`);
  expect(bytes, 'until the sign-in can be used').toBeLessThan(120_000);
  expect(bytes, 'the cipher is among them').toBeGreaterThan(60_000);
}

async function useEverything(somebody: Somebody): Promise<void> {
  const { page } = somebody;
  for (const path of ['', 'timeline', 'people', 'devices', 'ledger', 'policy', 'more', 'account', 'phone']) {
    await somebody.open(path);
    await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  }
}

test('the app can be installed, with icons and colours of its own, and a first visit costs little', async ({ somebody, house, page }) => {
  await costsLittle(page, () => somebody.open());
  await somebody.signIn();
  await isKept(page);
  const browser = await page.context().newCDPSession(page);
  const { errors, data } = await browser.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data ?? '') as { name: string; start_url: string; display: string; icons: { src: string; sizes: string; type: string; purpose: string }[]; shortcuts: { url: string }[] };
  expect(manifest).toMatchObject({ name: 'Porchlight', start_url: '/', display: 'standalone', background_color: '#FBF5E9' });
  const { installabilityErrors } = await browser.send('Page.getInstallabilityErrors');
  // The one thing that is missing is a profile that outlives the test.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  for (const size of ['192x192', '512x512']) {
    for (const purpose of ['any', 'maskable']) expect(manifest.icons.filter((icon) => icon.sizes === size && icon.purpose === purpose && icon.type === 'image/png'), `${size} ${purpose}`).toHaveLength(1);
  }
  for (const { src, sizes, type } of manifest.icons.filter((icon) => icon.type === 'image/png')) {
    const drawn = await page.evaluate(async (src) => {
      const answer = await fetch(src);
      const { width, height } = await createImageBitmap(await answer.blob());
      return { sizes: `${width}x${height}`, type: answer.headers.get('content-type') };
    }, src);
    expect(drawn, src).toEqual({ sizes, type });
  }
  expect(manifest.shortcuts.length).toBeGreaterThan(1);
  // The bar that a phone draws around the app is of the page's own colour, whichever was chosen.
  const bar = () => page.locator('meta[name=theme-color]').first().getAttribute('content');
  const before = await bar();
  await page.getByRole('button', { name: 'Change between day and night colours' }).click();
  expect(new Set([before, await bar()])).toEqual(new Set(['#FBF5E9', '#0D1526']));
  // A German household has its own.
  const german = await page.request.get(`${house.address}/app.de.webmanifest`);
  expect(await german.json()).toMatchObject({ id: '/', lang: 'de', icons: manifest.icons });
});

test('after the whole app was used, the phone keeps its files and no answer of the hub', async ({ somebody, house, page }) => {
  await house.anna('device', 'add', 'Quagga', '--kind', 'microphone', '--person', 'Anna');
  await somebody.signIn();
  await isKept(page);
  await useEverything(somebody);
  const paths = await kept(page);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths).toContain('/');
  expect(paths.filter((path) => !/^\/($|assets\/[\w.-]+$|(icon-[\w-]+|lantern|app)[\w.-]*$)/.test(path))).toEqual([]);
  // What is kept is the app as the build made it, whoever is signed in.
  const mentions = await page.evaluate(async () => {
    const found: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        if ((await (await cache.match(request))!.text()).includes('Quagga')) found.push(request.url);
      }
    }
    return found;
  });
  expect(mentions).toEqual([]);
  const worker = await page.request.get(`${house.address}/service-worker.js`);
  expect(worker.headers()).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' });
});

for (const [locale, title, note] of [
  ['en-GB', 'Your hub is out of reach', 'Your hub does not answer'],
  ['de-DE', 'Dein Hub ist nicht erreichbar', 'Dein Hub antwortet nicht'],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });
    test(`without its hub the app still opens, and says so in words: ${title}`, async ({ house, page }) => {
      await costsLittle(page, () => page.goto(house.address));
      await isKept(page);
      await house.kill();
      await page.goto(`${house.address}/#/timeline`);
      await page.reload();
      await expect(page.getByRole('heading', { name: title })).toBeVisible();
      await expect(page.getByText(note)).toBeVisible();
      await house.serve();
      await page.getByRole('alert').getByRole('button').click();
      await expect(page.locator('form input[autocomplete^=username]')).toBeVisible();
    });
  });
}

test('an updated hub brings a newer app, and a page that was open goes on until it is opened anew', async ({ somebody, house, page }) => {
  const front = await Front.before(house);
  const hub = house.address;
  house.address = front.address;
  try {
    await somebody.signIn();
    await isKept(page);
    await expect(page.getByText('Porchlight was updated.')).toBeHidden();
    front.update();
    await expect(page.getByText('Porchlight was updated.')).toBeVisible();
    await somebody.isSound('updated');
    // A part that this page never opened before, and that the hub has no more, comes from what was kept.
    await somebody.open('phone');
    await expect(page.getByRole('heading', { level: 1, name: 'Add a phone' })).toBeVisible();
    await page.getByRole('button', { name: 'Open the new pages' }).click();
    await page.waitForFunction(() => document.querySelector('script[src*="/newer-app-"]') !== null);
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await expect(page.getByText('Porchlight was updated.')).toBeHidden();
    const shells = await page.evaluate(() => caches.keys());
    expect(shells.at(-1)).toBe('porchlight-shell-newer');
    expect(shells).toHaveLength(2);
    // With the hub away, it is the newer one that opens.
    house.address = hub;
    front.close();
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Your hub is out of reach' })).toBeVisible();
    expect(await page.locator('script[src*="/newer-app-"]').count()).toBe(1);
    // That the hub was away is told by the browser in words of its own.
    somebody.troubles.splice(0);
  } finally {
    house.address = hub;
    front.close();
  }
});
