// Watching a camera live: the picture moves, everybody sees who watches, and it ends with the page.

import { type Page } from '@playwright/test';
import { StandInCamera } from './house';
import { expect, Somebody, test } from './test';

test.setTimeout(180_000);
let camera: StandInCamera;
test.beforeEach(async () => {
  camera = await StandInCamera.start();
});
test.afterEach(() => camera.close());

const live = (page: Page) => page.locator('.chip', { hasText: /^Live$/ });

/** What is drawn, made small. */
const drawn = (page: Page) =>
  page.locator('.live canvas').first().evaluate((canvas: HTMLCanvasElement) => {
    if (!canvas.width) return '';
    const small = document.createElement('canvas');
    Object.assign(small, { width: 32, height: 18 });
    const context = small.getContext('2d')!;
    context.drawImage(canvas, 0, 0, 32, 18);
    return context.getImageData(0, 0, 32, 18).data.join();
  });

/** A page that its person cannot see, or can again: no browser without a window hides one. */
const hide = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

test('a camera is watched live, everybody sees that, and it ends with the page', { tag: '@wide' }, async ({ somebody, house, page, browser }) => {
  await house.addAdult('Tom');
  await house.addCamera('Porch', camera.url);
  await somebody.signIn();
  const porch = page.getByRole('link', { name: 'Watch Porch live' });
  await expect(page.getByText('Being recorded, without sound.')).toBeVisible({ timeout: 45_000 });
  const tom = new Somebody(await (await browser.newContext()).newPage(), house);
  await tom.signIn('Tom');
  const watching = async () => ((await house.anna('device', 'list')).find(({ name }) => name === 'Porch')!['watching'] as { person: string }[]).map(({ person }) => person);

  // One tap, one look.
  await porch.click();
  await expect(live(page)).toBeVisible();
  await expect(page.getByText('Live, you are watching')).toBeVisible();
  expect(await watching()).toEqual(['Anna']);
  const first = await drawn(page);
  expect(new Set(first.split(',')).size, 'there is a picture, and it is not of one colour').toBeGreaterThan(20);
  await expect.poll(() => drawn(page), 'it moves').not.toBe(first);
  await expect(page.getByRole('img', { name: /^Porch live, \d\d:\d\d:\d\d$/ })).toBeVisible();
  await somebody.isSound('camera-live');

  // Whoever else is at home sees it at once, and that it is over.
  const said = tom.page.getByRole('status').filter({ hasText: 'Anna is watching Porch live' });
  await expect(said).toBeVisible();
  await tom.isSound('home-live-watched');

  // A page that nobody sees watches nothing; it goes on by itself, and says so.
  await hide(page, true);
  await expect(said).toBeHidden();
  expect(await drawn(page), 'nothing of it is left').toBe('');
  await hide(page, false);
  await expect(page.getByText('While this page was hidden nobody watched here. It goes on by itself.')).toBeVisible();
  await expect(live(page)).toBeVisible();
  await expect(said).toBeVisible();

  // Both watch; each is told of the other.
  await tom.page.getByRole('link', { name: 'Watch Porch live' }).click();
  await expect(live(tom.page)).toBeVisible();
  await expect(page.getByText('Tom is watching, and you')).toBeVisible();
  await somebody.isSound('camera-live-both');

  // Whoever goes on to another page watches no more, and so does whoever closes it.
  await somebody.open('ledger');
  await expect(tom.page.getByText('Anna is watching Porch live')).toBeHidden();
  await expect.poll(watching).toEqual(['Tom']);
  await expect(page.getByText(/^You watched Porch live, \d\d:\d\d/).first()).toBeVisible();
  await somebody.isSound('ledger-live');
  await tom.page.close();
  await expect.poll(watching).toEqual([]);

  // Come back to, it waits to be asked.
  await somebody.open(`camera/${String((await house.anna('device', 'list'))[0]!['id'])}`);
  await expect(page.getByText('Nobody is watching live.')).toBeVisible();
  await somebody.isSound('camera-closed');
  expect(await watching()).toEqual([]);
});

test('what may not go on is over in words, and a hub that is gone is tried again', async ({ somebody, house, page }) => {
  await house.addCamera('Porch', camera.url);
  await somebody.signIn();
  await expect(page.getByText('Being recorded, without sound.')).toBeVisible({ timeout: 45_000 });
  await page.getByRole('link', { name: 'Watch Porch live' }).click();
  await expect(live(page)).toBeVisible();

  // A camera that is gone costs the word live, and its reason is said.
  camera.close();
  await expect(page.getByText(/^Live stopped at \d\d:\d\d:\d\d\./)).toBeVisible({ timeout: 30_000 });
  await expect(live(page)).toBeHidden();
  await page.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Watch Porch live' }).click();
  await expect(page.getByText(/^Waiting for Porch\. Not recording since/)).toBeVisible({ timeout: 30_000 });
  await somebody.isSound('camera-waiting');

  await house.kill();
  await expect(page.getByText('The hub is out of reach. Trying again.')).toBeVisible();
  await house.serve();
  await expect(page.getByText('The hub is out of reach. Trying again.')).toBeHidden({ timeout: 30_000 });

  await house.anna('consent', 'withdraw', 'Anna', 'security:Porch', '--yes');
  await expect(page.getByText('No adult agrees to this camera’s pictures any more, so nobody watches it.')).toBeVisible();
  // That a hub was gone the browser says in its own words too.
  somebody.troubles.length = 0;
});

test('all cameras are watched side by side', { tag: '@wide' }, async ({ somebody, house, page }) => {
  await house.addCamera('Porch', camera.url);
  await house.addCamera('Yard', camera.url);
  await somebody.signIn();
  await expect(page.getByText('All 2 cameras are being recorded.')).toBeVisible({ timeout: 45_000 });
  await page.getByRole('link', { name: 'All cameras live' }).click();
  await expect(live(page)).toHaveCount(2);
  await somebody.isSound('all-live');
  await page.getByRole('button', { name: 'Stop all' }).click();
  await expect(live(page)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Watch all live' })).toBeVisible();

  // Privacy: one camera, from its page, while it is watched.
  await somebody.open('');
  await page.getByRole('link', { name: 'Watch Yard live' }).click();
  await expect(live(page)).toBeVisible();
  await page.getByRole('switch', { name: /^Privacy now/ }).click();
  await expect(page.getByText('Privacy was switched on, and watching ended with it.')).toBeVisible();
  await expect(page.getByText(/^Privacy since \d\d:\d\d, by Anna\. Porchlight sees, hears and records nothing of it\.$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Watch Yard live' })).toBeHidden();
  await somebody.isSound('camera-privacy');
  // All of them, from Home, and back.
  await somebody.open('');
  await expect(page.getByRole('link', { name: 'Watch Porch live' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Watch Yard live' })).toBeHidden();
  await page.getByRole('button', { name: 'Privacy for all cameras' }).click();
  await expect(page.getByText(/^Privacy since/)).toHaveCount(2);
  await expect(page.getByText('Porch and Yard have privacy.')).toBeVisible();
  await somebody.isSound('home-privacy');
  await page.getByRole('button', { name: 'Switch privacy off' }).click();
  await expect(page.getByText('All 2 cameras are being recorded.')).toBeVisible({ timeout: 45_000 });
  await somebody.open('ledger');
  await expect(page.getByText('You switched privacy off for Porch and Yard.')).toBeVisible();
});

test('what was changed on its way is not shown, and that is said', async ({ somebody, house, page }) => {
  await house.addCamera('Porch', camera.url);
  await somebody.signIn();
  await expect(page.getByText('Being recorded, without sound.')).toBeVisible({ timeout: 45_000 });
  await page.routeWebSocket(/\/live$/, (socket) => {
    let sealed = 0;
    socket.connectToServer().onMessage((message) => {
      if (typeof message !== 'string' && ++sealed === 3) message[message.length - 1]! ^= 1;
      socket.send(message);
    });
  });
  await page.getByRole('link', { name: 'Watch Porch live' }).click();
  await expect(page.getByText(/^What came is not as it was sealed, so nothing of it is shown\./)).toBeVisible();
  await expect(live(page)).toBeHidden();
  expect(await drawn(page)).toBe('');
});
