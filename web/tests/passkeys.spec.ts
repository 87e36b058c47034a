import type { Browser, Page } from '@playwright/test';
import { authenticator } from './authenticator';
import { expect, Somebody, test, type House } from './test';

// Passkeys belong to a name, and a loopback address in figures is none.
test.beforeEach(({ house }) => {
  house.address = house.address.replace('127.0.0.1', 'localhost');
});

async function addPasskey(page: Page, house: House, somebody: Somebody, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByLabel('What you will call it')).toHaveValue('Chrome on Linux');
  await page.getByLabel('What you will call it').fill(name);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const sheet = page.getByRole('dialog', { name: 'Is it you?' });
  await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await sheet.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText(`${name} is a passkey of yours now.`)).toBeVisible({ timeout: 60_000 });
}

test('a passkey signs its owner in alone, opens what is sealed to them, and is removed', async ({ somebody, house, page }) => {
  const { cdp, authenticatorId } = await authenticator(page, true);
  await somebody.signIn('Anna', 'account');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await addPasskey(page, house, somebody, 'My phone');
  await expect(page.getByText('It can stand in for the six digits')).toHaveCount(0);
  for (const body of sent) expect(body, 'the secret stays here').not.toContain('"results"');
  await somebody.isSound('account-passkey');
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toHaveLength(1);
  expect(credentials[0]!.isResidentCredential).toBe(true);

  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await expect(page.getByRole('heading', { name: 'Welcome home' })).toBeVisible();
  await somebody.isSound('sign-in-passkey');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  // The document was checked against one's own keys, so they were unwrapped.
  await expect(page.getByText('You are Anna, an adult and an owner of')).toBeVisible();
  await expect(page.getByText('Last used today.')).toBeVisible();

  // It opens the keys by itself as well, without the passphrase.
  await page.getByRole('button', { name: 'Make a new one' }).click();
  await page.getByRole('dialog', { name: 'Is it you?' }).getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Anna’s recovery kit')).toBeVisible();
  await page.getByRole('button', { name: 'Do this later' }).click();

  await page.getByRole('button', { name: 'Remove My phone' }).click();
  await expect(page.getByText('My phone signs nobody in any more.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('This passkey is not known here.')).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
});

test('a passkey without a secret of its own stands in for the digits, and says so', async ({ somebody, house, page }) => {
  await authenticator(page, false);
  await somebody.signIn('Anna', 'account');
  await addPasskey(page, house, somebody, 'An old stick');
  await expect(page.getByText('It can stand in for the six digits')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out here' }).last().click();

  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('cannot open what is sealed to you')).toBeVisible();
  await page.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  // Nor do the digits have to be typed when it is to be proved again.
  await page.getByRole('button', { name: 'Make a new one' }).click();
  const sheet = page.getByRole('dialog', { name: 'Is it you?' });
  await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Anna’s recovery kit')).toBeVisible();
});

test('a passkey is called something else afterwards', async ({ somebody, house, page }) => {
  await authenticator(page, true);
  await somebody.signIn('Anna', 'account');
  await addPasskey(page, house, somebody, 'Chrome on Linux');
  // The next one would be another.
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByLabel('What you will call it')).toHaveValue('Chrome on Linux 2');
  await page.getByRole('button', { name: 'Leave it' }).click();
  const passkey = page.getByRole('listitem').filter({ hasText: 'Not used yet.' });
  await passkey.getByRole('button', { name: 'Rename Chrome on Linux' }).click();
  await page.getByLabel('What you call it').fill('The blue stick');
  await somebody.isSound('passkey-name');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(passkey.getByRole('heading', { name: 'The blue stick' })).toBeVisible();
  await page.reload();
  await expect(passkey.getByRole('heading', { name: 'The blue stick' })).toBeVisible();
});

test('a passkey that is added or removed is announced on that person’s other screens alone, and whoever it was not ends that session', async ({ browser, somebody, house, page }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  await house.addAdult('Tom');
  await somebody.signIn('Anna', 'account');
  const toms = await elsewhere(browser, house, 'Tom');
  const mine = await elsewhere(browser, house, 'Anna');
  const told = mine.page.getByRole('status', { name: 'Who came in' });
  await page.getByRole('button', { name: 'That was me' }).click();

  await authenticator(page, true);
  await addPasskey(page, house, somebody, 'My phone');
  await expect(told).toContainText('A passkey was added to your account: Chrome on Linux.');
  await expect(mine.page.getByRole('heading', { name: 'My phone' }), 'its list is true at once').toBeVisible();
  await mine.isSound('announcement-passkey');
  await told.getByRole('button', { name: 'That was me' }).click();
  await page.getByRole('button', { name: 'Remove My phone' }).click();
  await expect(told).toContainText('A passkey of yours was removed: Chrome on Linux.');
  await expect(page.getByRole('status', { name: 'Who came in' }), 'nobody is told what they did themselves').not.toContainText('passkey');
  await expect(toms.page.getByRole('status', { name: 'Who came in' })).not.toContainText('passkey');

  await told.getByRole('button', { name: 'That was not me' }).click();
  await expect(page.getByText('This session was ended. Sign in again.')).toBeVisible();
  await expect(told).toContainText('That session is ended. Somebody may know your passphrase');
  for (const other of [toms, mine]) {
    expect(other.troubles).toEqual([]);
    await other.page.context().close();
  }
});

/** Somebody’s account, open in another browser. */
async function elsewhere(browser: Browser, house: House, name: string): Promise<Somebody> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
  const other = new Somebody(await context.newPage(), house);
  await other.signIn(name, 'account');
  await expect(other.page.getByText(`You are ${name}, an adult`)).toBeVisible();
  return other;
}

test('whoever closes the browser’s dialog, or has no passkey, is told in words', async ({ somebody, page }) => {
  const { cdp, authenticatorId } = await authenticator(page, true);
  await somebody.open();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('Your browser did not get an answer from a passkey.')).toBeVisible({ timeout: 70_000 });
});
