// Browsers that are not like the one these tests run in, as far as it can be made like them.

import type { Page } from '@playwright/test';
import { film, filmed, position, state } from './film';
import { expect, ONCE_MORE, test } from './test';

/** What an iPhone has instead of `MediaSource`: the browser manages what is in memory, and says so. */
function likeAnIPhone(): void {
  const Plain = MediaSource;
  const page = window as unknown as { managed?: ManagedMediaSource; evict?: (from: number, to: number) => Promise<void> };
  class ManagedMediaSource extends Plain {
    readonly streaming = true;
    constructor() {
      super();
      page.managed = this;
    }
  }
  // Nothing is given to a player that a television could take over.
  const src = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src')!;
  Object.defineProperty(HTMLMediaElement.prototype, 'src', {
    ...src,
    set(this: HTMLMediaElement, url: string) {
      if (page.managed?.readyState === 'closed' && !this.disableRemotePlayback) throw new DOMException('remote playback is possible', 'NotSupportedError');
      src.set!.call(this, url);
    },
  });
  page.evict = async (from, to) => {
    const buffer = page.managed!.sourceBuffers[0]!;
    const done = () => new Promise((done) => buffer.addEventListener('updateend', done, { once: true }));
    while (buffer.updating) await done();
    buffer.remove(from, to);
    await done();
    const removedRanges = { length: 1, start: () => from, end: () => to };
    buffer.dispatchEvent(Object.assign(new Event('bufferedchange'), { removedRanges }));
  };
  Reflect.deleteProperty(window, 'MediaSource');
  Object.assign(window, { ManagedMediaSource });
}

/** Whether this instant of the film is in memory. */
async function holds(page: Page, at: number): Promise<boolean> {
  return (await state(page)).buffered.some(([from, to]) => from <= at && at < to);
}

test('film plays where the browser manages what is in memory, as iPhones do, and what it took out comes again', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await page.addInitScript(likeAnIPhone);
  await filmed(house, 3);
  await somebody.signIn('Anna', 'timeline');
  await film(page).click();
  await expect.poll(async () => (await state(page)).width, 'the picture comes').toBe(640);
  expect(await page.evaluate(() => 'MediaSource' in window)).toBe(false);
  await expect.poll(async () => (await state(page)).at, 'it plays past the first piece').toBeGreaterThan(4.5);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => holds(page, 9)).toBe(true);

  await page.evaluate(() => (window as unknown as { evict: (from: number, to: number) => Promise<void> }).evict(0, 20));
  await position(page).fill('9');
  await expect.poll(() => holds(page, 9), 'it is fetched once more').toBe(true);
  await page.getByRole('button', { name: /^Play/ }).click();
  await expect.poll(async () => (await state(page)).at).toBeGreaterThan(9.5);
});

test.describe('without a cipher of its own', () => {
  // The worker's file is changed on its way; a service worker would hide that from the test.
  test.use({ serviceWorkers: 'block' });

  test('film opens where the browser does not know the cipher that recordings are sealed with', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    const refuse = `{
      const known = crypto.subtle.importKey.bind(crypto.subtle);
      crypto.subtle.importKey = (form, key, how, ...rest) => {
        if ((how.name ?? how) !== 'ChaCha20-Poly1305') return known(form, key, how, ...rest);
        console.log('no such cipher');
        return Promise.reject(new DOMException('no such cipher', 'NotSupportedError'));
      };
    }\n`;
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.route('**/assets/decrypt.worker*', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      await route.fulfill({ response: answer, body: refuse + (await answer.text()) });
    });
    await filmed(house, 2);
    await somebody.signIn('Anna', 'timeline');
    await film(page).click();
    await expect.poll(async () => (await state(page)).at, 'it plays').toBeGreaterThan(1);
    expect(refused).toContain('no such cipher');
  });
});

test('a browser that cannot keep keys out of the reach of scripts is told so before anybody types a passphrase', async ({ somebody, house, page }) => {
  await page.addInitScript(() => {
    for (const name of ['importKey', 'generateKey'] as const) {
      const known = crypto.subtle[name].bind(crypto.subtle) as (...all: unknown[]) => Promise<unknown>;
      const older = (...all: unknown[]): Promise<unknown> => {
        const named = all.map((how) => (typeof how === 'object' && how !== null && 'name' in how ? how.name : how));
        const isNew = named.some((name) => name === 'X25519' || name === 'Ed25519');
        return isNew ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError')) : known(...all);
      };
      Object.defineProperty(crypto.subtle, name, { value: older });
    }
  });
  const before = await house.anna('session', 'list');
  for (const path of ['', 'timeline', 'recover']) {
    await somebody.open(path);
    await page.reload();
    await expect(page.getByRole('alert').getByRole('heading', { name: 'This browser is too old' })).toBeVisible();
    await expect(page.getByRole('textbox')).toHaveCount(0);
  }
  await somebody.isSound('too-old');
  // Whoever comes to trust the hub's certificate gets to read how, with any browser.
  await somebody.open('trust');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('This browser is too old')).toHaveCount(0);
  expect(await house.anna('session', 'list')).toEqual(before);
});
