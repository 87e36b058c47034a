import type { Page } from '@playwright/test';
import { code } from './house';
import { expect, test } from './test';

/** Fills in the door, and knocks. */
async function knock(page: Page, passphrase: string, digits: string): Promise<void> {
  await page.getByLabel('Your name').fill('Anna');
  await page.getByLabel('Your passphrase').fill(passphrase);
  await page.getByLabel(/six digits/).fill(digits);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('somebody signs in and out, and a wrong passphrase is told in words', async ({ somebody, house, page }) => {
  await somebody.open();
  await expect(page.getByRole('heading', { name: 'Welcome home' })).toBeVisible();
  await somebody.isSound('sign-in');
  await page.getByRole('link', { name: 'I have a code: come in' }).click();
  await expect(page.getByLabel('The code')).toBeVisible();
  await page.goBack();

  await knock(page, 'not the passphrase', '123456');
  await expect(page.getByText('are not right')).toBeVisible();

  await somebody.signIn();
  expect(await page.evaluate(() => document.cookie), 'no script sees the session').toBe('');
  // A reload is no sign-in.
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  const sessions = await house.anna('session', 'list');
  expect(sessions).toHaveLength(2);
});

test('six digits work once, and who types them again is told to wait for the next', async ({ somebody, house, page }) => {
  const digits = somebody.digits('Anna');
  await somebody.open();
  await knock(page, house.passphrase('Anna'), digits);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await somebody.open('account');
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await knock(page, house.passphrase('Anna'), digits);
  await expect(page.getByRole('alert')).toHaveText('These six digits were used already. Wait for the next ones, at most half a minute.');
  await expect(page.getByLabel(/six digits/), 'they are not typed over').toHaveValue('');
  // It was no guess: whoever was early is let in with the next ones.
  await knock(page, house.passphrase('Anna'), code(house.totp('Anna'), 1));
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
});

test('who guesses is made to wait, is told for how long, and gets in when that is over', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await somebody.open();
  const alert = page.getByRole('alert');
  const answered = () => expect(alert).toHaveText(/are not right|Too many wrong tries/);
  const wait = /^Too many wrong tries under this name came from this address; try again in \d+ seconds?\. While they go on, each wait is five minutes at most\./;
  // A slow machine may let the first waits go by between two tries; each is twice as long as the one before.
  for (let tries = 0; !wait.test((await alert.allInnerTexts()).join('')); tries++) {
    expect(tries, 'guessing has an end').toBeLessThan(12);
    await knock(page, `not the passphrase, ${tries}`, '123456');
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeEnabled();
    await answered();
  }
  await somebody.isSound('sign-in-too-many');
  // Even the right one has to wait, and to ask again costs nothing.
  await expect(async () => {
    await knock(page, house.passphrase('Anna'), somebody.digits('Anna'));
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible({ timeout: 3000 });
  }).toPass({ timeout: 120_000 });
});

test('a sign-in that the hub does not remember any more is no wrong passphrase', async ({ somebody, house, page }) => {
  await somebody.open();
  // As if the hub had been started again between the two halves of it.
  await page.route('**/api/sign-in/finish', async (route) => {
    const body = route.request().postDataJSON() as object;
    await route.continue({ postData: JSON.stringify({ ...body, attempt: '00'.repeat(16) }) });
  }, { times: 1 });
  await knock(page, house.passphrase('Anna'), somebody.digits('Anna'));
  await expect(page.getByRole('alert')).toHaveText('This took too long, or the hub was started again meanwhile. Try once more.');
  await knock(page, house.passphrase('Anna'), somebody.digits('Anna'));
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
});

test('at most 150 kilobytes come before somebody signs in, and the proof’s module among them once', async ({ somebody, page }) => {
  await somebody.open();
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.wasm')));
  await page.waitForLoadState('networkidle');
  const sizes = await page.evaluate(() =>
    [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].map((entry) => {
      const { name, encodedBodySize, decodedBodySize } = entry as PerformanceResourceTiming;
      return { name: new URL(name).pathname, over: encodedBodySize, whole: decodedBodySize };
    }),
  );
  const total = sizes.reduce((sum, { over }) => sum + over, 0);
  expect(total, JSON.stringify(sizes)).toBeLessThan(150_000);
  const modules = sizes.filter(({ name }) => name.endsWith('.wasm'));
  expect(modules).toHaveLength(1);
  expect(modules[0]!.over, 'it comes compressed').toBeLessThan(modules[0]!.whole / 2);
});
