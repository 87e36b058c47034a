import type { Browser, BrowserContext, Page } from '@playwright/test';
import { client, ready } from '@serenity-kit/opaque';
import { expect, Somebody, test, type House } from './test';

/** Somebody at another browser, which has never been here. */
async function elsewhere(browser: Browser, house: House): Promise<{ context: BrowserContext; page: Page; other: Somebody }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
  const page = await context.newPage();
  return { context, page, other: new Somebody(page, house) };
}

test('a sign-in is announced on every other screen, and whoever it was not ends it at once', async ({ browser, house, somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  const second = await elsewhere(browser, house);
  await second.other.signIn('Anna', 'account');

  const told = page.getByRole('status', { name: 'Who came in' });
  await expect(told).toContainText('You signed in from a new browser: Chrome on Linux.');
  await expect(second.page.getByRole('status', { name: 'Who came in' })).toBeEmpty();
  await expect(page.getByRole('listitem').filter({ hasText: 'This is where you are now' })).toHaveCount(1);
  await somebody.isSound('announcement');

  const asked = Date.now();
  await told.getByRole('button', { name: 'That was not me' }).click();
  await expect(second.page.getByText('This session was ended. Sign in again.')).toBeVisible();
  expect(Date.now() - asked, 'within a second, and what the test itself takes').toBeLessThan(3000);
  await expect(told).toContainText('That session is ended.');
  const keys = await second.page.evaluate(async () => {
    const opening = indexedDB.open('porchlight-keys');
    const database = await new Promise<IDBDatabase>((done) => (opening.onsuccess = () => done(opening.result)));
    const all = database.transaction('member').objectStore('member').count();
    return new Promise<number>((done) => (all.onsuccess = () => done(all.result)));
  });
  expect(keys, 'no key is left in a browser whose session was ended').toBe(0);
  await second.context.close();
});

test('one’s own sign-ins are a few lines above a page, and put away together', async ({ browser, house, somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  const second = await elsewhere(browser, house);
  const told = page.getByRole('status', { name: 'Who came in' });
  for (const times of [1, 2, 3]) {
    if (times > 1) await second.page.getByRole('button', { name: 'Sign out here' }).first().click();
    await second.other.signIn('Anna', 'account');
    await expect(told.getByRole('button', { name: 'That was me', exact: true })).toHaveCount(Math.min(times, 2));
  }
  await somebody.isSound('announcements');
  await told.getByRole('button', { name: 'Show 1 more' }).click();
  await expect(told.getByRole('button', { name: 'That was me', exact: true })).toHaveCount(3);
  await told.getByRole('button', { name: 'All 3 times that was me' }).click();
  await expect(told).toBeEmpty();
  await second.context.close();
});

test('another member’s sign-in is told with what to do if it was not them', async ({ browser, house, somebody, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Anna', 'account');
  const second = await elsewhere(browser, house);
  await second.other.signIn('Tom', 'account');
  const told = page.getByRole('status', { name: 'Who came in' });
  await expect(told).toContainText('Tom signed in from a new browser: Chrome on Linux.');
  await told.getByRole('button', { name: 'That was not us' }).click();
  await expect(told).toContainText('Ask Tom.');
  await told.getByRole('button', { name: 'Put it away' }).click();
  await expect(told).toBeEmpty();
  // The same browser again is no new one.
  await second.page.getByRole('button', { name: 'Sign out here' }).first().click();
  await second.other.signIn('Tom', 'account');
  await expect(told).toContainText('Tom signed in again: Chrome on Linux.');
  await told.getByRole('button', { name: 'That was Tom' }).click();
  await expect(told).toBeEmpty();
  await second.context.close();
});

test('tries to sign in as somebody are told on their screens, on their account and in the ledger', async ({ house, somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  await ready;
  const { startLoginRequest: request } = client.startLogin({ password: 'a guess' });
  const body = JSON.stringify({ name: 'Anna', request });
  for (let tries = 0; tries < 12; tries++) {
    const { status } = await fetch(`${house.address}/api/sign-in/start`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([200, 429]).toContain(status);
  }
  const words = /1[0-2] tries to sign in as you failed .*, from your network at home\. Nobody got in by them\./;
  const told = page.getByRole('status', { name: 'Tries to sign in as you' });
  await expect(told).toContainText(words);
  await expect(page.getByRole('group', { name: 'Tries to sign in as you' })).toContainText(words);
  await somebody.isSound('failed-sign-ins');
  await told.getByRole('button', { name: 'Put it away' }).click();
  await expect(told).toBeEmpty();
  await page.evaluate(() => (location.hash = '#/ledger'));
  await expect(page.getByText(words)).toBeVisible();
});

test('a sign-in while every screen was dark is told when the next one is lit', async ({ browser, house, somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await page.goto('about:blank');
  const second = await elsewhere(browser, house);
  await second.other.signIn('Anna', 'account');
  await somebody.open('account');
  await expect(page.getByRole('status', { name: 'Who came in' })).toContainText('While this screen was dark, somebody signed in as you: Chrome on Linux.');
  await page.getByRole('button', { name: 'That was me' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Chrome on Linux' })).toHaveCount(2);
  await expect(page.getByRole('status', { name: 'Who came in' })).toBeEmpty();
  await second.context.close();
});

test('sessions are named by their owner and ended one by one', async ({ browser, house, somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  const second = await elsewhere(browser, house);
  await second.other.signIn('Anna', 'account');
  await page.getByRole('button', { name: 'That was me' }).click();
  await expect(page.getByRole('heading', { name: /^The command line on / })).toBeVisible();
  // The first is the one that is asked here.
  await page.getByRole('button', { name: 'Rename Chrome on Linux' }).nth(1).click();
  await page.getByLabel('What you call it').fill('The old laptop');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'The old laptop' })).toBeVisible();
  await page.getByRole('button', { name: 'End The old laptop' }).click();
  await expect(page.getByText('The old laptop is signed out.')).toBeVisible();
  await expect(second.page.getByText('This session was ended. Sign in again.')).toBeVisible();
  await second.context.close();
});
