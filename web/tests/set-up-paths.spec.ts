// The ways through the wizard that are not the straight one.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { authenticator } from './authenticator';
import { code, StandInCamera, type House } from './house';
import { home, signInStep, test, you } from './setting-up';
import { expect, type Somebody } from './test';

const toKeys = (page: Page) => page.getByRole('button', { name: 'Go on to the keys' });
const toSignIn = (page: Page) => page.getByRole('button', { name: 'Go on to how you sign in' });
const mirror = (page: Page) => page.getByLabel('A second place for the strongbox, on your hub');
const secretShown = async (page: Page) => (await page.locator('.totp code').innerText()).replaceAll(' ', '');
const kit = (page: Page) => page.getByRole('heading', { name: 'Print your recovery kit' });

/** As far as the step of the keys. */
async function toTheKeys(page: Page, house: House): Promise<void> {
  await home(page, house, 'Lantern Lane 4');
  await you(page);
  await toKeys(page).click();
  await expect(page.getByRole('heading', { name: 'Where the keys are kept' })).toBeVisible();
}

/** That the hub refused what makes no sense is told in words, and by the browser in its own. */
function forgiveRefusals({ troubles }: Somebody): void {
  troubles.splice(0, troubles.length, ...troubles.filter((trouble) => !trouble.includes('status of 400')));
}

/** From the kit to the home. */
async function goHome(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Do this later' }).click();
  await page.getByRole('button', { name: 'Go on to what is kept' }).click();
  await page.getByRole('button', { name: 'Go home' }).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
}

test.describe('where passkeys are possible', () => {
  // Passkeys belong to a name, and a loopback address in figures is none.
  test.beforeEach(({ house }) => {
    house.address = house.address.replace('127.0.0.1', 'localhost');
  });

  test('a passkey is offered when the household is made, can be closed and tried again, and signs in from then on', async ({ page, house, somebody }) => {
    test.setTimeout(180_000);
    await authenticator(page, true);
    await somebody.open();
    await toTheKeys(page, house);
    await toSignIn(page).click();
    await signInStep(page, house);
    await expect(page.getByRole('heading', { name: 'Would you like a passkey as well?' })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('Your household is made.')).toBeVisible();
    await somebody.isSound('set-up-4-passkey');
    // Somebody closes the browser's dialog first.
    const add = page.getByRole('button', { name: 'Make a passkey on this device' });
    await page.evaluate(() => {
      navigator.credentials.create = () => Promise.reject(new DOMException('closed', 'NotAllowedError'));
    });
    await add.click();
    await expect(page.getByRole('alert')).toHaveText('Your browser did not get an answer from a passkey. Nothing was done.');
    await page.evaluate(() => Reflect.deleteProperty(navigator.credentials, 'create'));
    await add.click();
    await expect(page.getByText('You have a passkey on this device.', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Go on to your recovery kit' }).click();
    await expect(kit(page)).toBeVisible();
    await goHome(page);

    await somebody.open('account');
    await expect(page.getByText('You are Anna, an adult and an owner of')).toBeVisible();
    await page.getByRole('button', { name: 'Sign out here' }).last().click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByText('You are Anna, an adult and an owner of'), 'it opens what is sealed to her').toBeVisible();
  });

  test('a passkey without a secret of its own is named as what it is, and one goes on without any', async ({ page, house, somebody }) => {
    test.setTimeout(180_000);
    const { cdp, authenticatorId } = await authenticator(page, false);
    await somebody.open();
    await toTheKeys(page, house);
    await toSignIn(page).click();
    await signInStep(page, house);
    await page.getByRole('button', { name: 'Make a passkey on this device' }).click({ timeout: 60_000 });
    await expect(page.getByText('It stands in for the six digits; your passphrase is needed as well.')).toBeVisible();
    await page.getByRole('button', { name: 'Go on to your recovery kit' }).click();
    await goHome(page);
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toHaveLength(1);
  });

  test('who wants no passkey goes on without one', async ({ page, house, somebody }) => {
    await authenticator(page, true);
    await somebody.open();
    await toTheKeys(page, house);
    await toSignIn(page).click();
    await signInStep(page, house);
    await page.getByRole('button', { name: 'Go on without' }).click({ timeout: 60_000 });
    await expect(kit(page)).toBeVisible();
    await goHome(page);
    await somebody.open('account');
    await expect(page.getByRole('button', { name: 'Add a passkey' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(0);
  });
});

test('a folder that cannot be a mirror is refused where it is named, and one that can is followed', async ({ page, house, somebody }) => {
  test.setTimeout(180_000);
  mkdirSync(house.file('taken'));
  writeFileSync(house.file('taken/photo.jpg'), '');
  await somebody.open();
  await toTheKeys(page, house);
  for (const [folder, why] of [
    ['stick/porchlight', 'is no whole path'],
    [house.file('data/mirror'), 'and what it is to be a mirror of lie in each other'],
    [house.file('data.strongbox'), 'and what it is to be a mirror of lie in each other'],
    [house.file('taken'), 'is there already and not empty'],
    [house.file('not attached/porchlight'), 'should lie in is not there'],
  ] as const) {
    await mirror(page).fill(folder);
    await toSignIn(page).click();
    await expect(page.getByRole('alert')).toContainText(why);
    await expect(page.getByRole('heading', { name: 'Where the keys are kept' }), 'one stays with what is to be mended').toBeVisible();
  }
  await somebody.isSound('set-up-3-mirror-refused');
  forgiveRefusals(somebody);

  // What only the disk can refuse is refused when the household is made, and nothing of it is left.
  await mirror(page).fill('/proc/porchlight');
  await toSignIn(page).click();
  const secret = await secretShown(page);
  await signInStep(page, house);
  await expect(page.getByRole('alert')).toContainText('/proc/porchlight');
  expect(readdirSync(house.folder)).not.toContain('data.strongbox');
  await page.getByRole('button', { name: 'Back' }).click();
  await mirror(page).fill(house.file('stick'));
  await toSignIn(page).click();
  expect(await secretShown(page), 'what was scanned is still good').toBe(secret);
  await signInStep(page, house);
  await expect(kit(page)).toBeVisible({ timeout: 60_000 });
  if (page.viewportSize()!.width > 1000) await expect(page.getByText(`In two strongboxes; the second in ${house.file('stick')}.`)).toBeVisible();
  await page.getByRole('button', { name: 'Do this later' }).click();

  const packs = (folder: string) => readdirSync(house.file(folder)).filter((name) => name.startsWith('pack-'));
  expect(packs('stick')).toEqual(packs('data.strongbox'));
  const before = packs('stick');
  await page.getByLabel('What it is called').fill('Kitchen');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByText('Kitchen is here.')).toBeVisible();
  expect(packs('stick'), 'it follows').toEqual(packs('data.strongbox'));
  expect(packs('stick')).not.toEqual(before);
});

test('what was said is there when one goes back, and nothing of it after a reload', async ({ page, house, somebody }) => {
  test.setTimeout(180_000);
  const back = page.getByRole('button', { name: 'Back' });
  await somebody.open();
  // Nothing that was typed goes with another language, and which one Porchlight itself answers in is said.
  await page.getByLabel('The set-up code').fill('ABCD');
  await page.getByLabel('What your home is called').fill('Lantern Lane 4');
  await page.getByLabel('The language of the app').selectOption('Deutsch');
  await expect(page.getByText('Porchlight selbst versteht und beantwortet bisher nur Englisch.')).toBeVisible();
  await expect(page.getByLabel('Der Einrichtungscode')).toHaveValue('ABCD');
  await expect(page.getByLabel('Wie euer Zuhause heißt')).toHaveValue('Lantern Lane 4');
  await page.getByLabel('Die Sprache der App').selectOption('English');
  await toTheKeys(page, house);
  await mirror(page).fill(house.file('stick'));
  await toSignIn(page).click();
  const secret = await secretShown(page);
  await page.getByLabel('A passphrase').fill(`Anna lives at Lantern Lane 4`);
  await page.getByLabel('The same once more').fill('something else entirely, and as long');
  await back.click();
  await expect(mirror(page)).toHaveValue(house.file('stick'));
  await back.click();
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('Anna');
  await expect(page.getByLabel(/Born in/)).toHaveValue('1984-03');
  await back.click();
  await expect(page.getByLabel('The set-up code')).toHaveValue(house.setUpCode.toLowerCase());
  await expect(page.getByLabel('What your home is called')).toHaveValue('Lantern Lane 4');
  await page.getByRole('button', { name: 'Go on to who lives here' }).click();
  await toKeys(page).click();
  await toSignIn(page).click();
  expect(await secretShown(page), 'what was scanned is still good').toBe(secret);
  await expect(page.getByLabel('A passphrase'), 'a passphrase is not left lying about').toHaveValue('');

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Your home', level: 1 })).toBeVisible();
  await expect(page.getByLabel('The set-up code')).toHaveValue('');
  await toTheKeys(page, house);
  await expect(mirror(page)).toHaveValue('');
  await toSignIn(page).click();
  expect(await secretShown(page)).not.toBe(secret);
  await signInStep(page, house);
  await expect(kit(page)).toBeVisible({ timeout: 60_000 });
});

test('a passphrase that is weak or typed in two ways makes no household, nor do digits that do not fit', async ({ page, house, somebody }) => {
  test.setTimeout(180_000);
  await somebody.open();
  await toTheKeys(page, house);
  await toSignIn(page).click();
  const make = page.getByRole('button', { name: 'Make our home' });
  const passphrase = page.getByLabel('A passphrase');
  const again = page.getByLabel('The same once more');
  await page.getByLabel(/six digits/).fill(code(await secretShown(page)));
  await expect(page.getByText('These digits fit.')).toBeVisible();
  for (const weak of ['lanternlane4', 'anna1984', 'correcthorse', 'aaaaaaaaaaaa']) {
    await passphrase.fill(weak);
    await again.fill(weak);
    await expect(page.getByText('This passphrase is too easy to guess.')).toBeVisible();
    await expect(make, weak).toBeDisabled();
  }
  await passphrase.fill('nine otters borrow a velvet trumpet');
  await again.fill('nine otters borrow a velvet trombone');
  await expect(page.getByText('The two are not the same.')).toBeVisible();
  await expect(page.getByText('Your passphrase is still missing'), 'why the button does nothing').toBeVisible();
  await expect(make).toBeDisabled();
  await again.fill('nine otters borrow a velvet trumpet');
  await expect(page.getByText('The two are not the same.')).toHaveCount(0);
  await expect(make).toBeEnabled();
  await page.getByLabel(/six digits/).fill('000000');
  await expect(page.getByText('Those digits do not fit.')).toBeVisible();
  await expect(make).toBeDisabled();
  expect(readdirSync(house.folder)).not.toContain('data');

  // The hub's clock may say other digits than this phone's: what it refuses is said, and the household is made all the same.
  let wrong = true;
  await page.route('**/api/sign-in/finish', async (route) => {
    const body = route.request().postDataJSON() as { code?: string };
    await route.continue(wrong ? { postData: JSON.stringify({ ...body, code: '000000' }) } : {});
    wrong = false;
  });
  await signInStep(page, house);
  await expect(page.getByRole('alert')).toHaveText('Name, passphrase or digits are not right. Nothing tells which, so that nobody can guess.', { timeout: 60_000 });
  await expect(page.getByText('Your household is made. Only the digits are still missing')).toBeVisible();
  await expect(passphrase).toHaveCount(0);
  await somebody.isSound('set-up-4-digits');
  await page.getByLabel(/six digits/).fill(code(house.totp('Anna')));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(kit(page)).toBeVisible();

  // Closing the page here costs nobody their kit: it is asked for above everything, until it is on paper.
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await expect(page.getByText(/^Your recovery kit is not on paper yet\./)).toBeVisible();
  await somebody.isSound('home-without-a-kit');
  await page.getByRole('link', { name: 'Print it now' }).click();
  await expect(page.getByText('You wanted to print it later.')).toBeVisible();
});

test('a microphone and a camera are added among the first devices, and an address that is none is refused in words', async ({ page, house, somebody }) => {
  test.setTimeout(240_000);
  const camera = await StandInCamera.start();
  try {
    await somebody.open();
    await toTheKeys(page, house);
    await toSignIn(page).click();
    await signInStep(page, house);
    await expect(kit(page)).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Do this later' }).click();
    await expect(page.getByText('None yet.')).toBeVisible();
    const add = page.getByRole('button', { name: 'Add it' });
    await page.getByLabel('What it is called').fill('Kitchen');
    await add.click();
    await expect(page.getByText('Kitchen is here.')).toBeVisible();
    await page.getByLabel('What it is called').fill('Kitchen');
    await add.click();
    await expect(page.getByRole('alert'), 'two of one name cannot be told apart').toBeVisible();
    forgiveRefusals(somebody);

    await page.getByRole('combobox', { name: /^What it is/ }).selectOption('A camera');
    await page.getByLabel('What it is called').fill('Porch');
    await page.getByLabel('Its address').fill('http://192.168.1.20/');
    await add.click();
    await expect(page.getByRole('alert')).toContainText('A camera’s address begins with rtsp:// and names a host');
    await somebody.isSound('set-up-6-camera');
    // A mistyped password is told of where it can be put right.
    await page.getByLabel('Its address').fill(camera.url.replace('Trombone', 'Trumpet'));
    await add.click();
    await expect(page.getByText('Porch is here.')).toBeVisible();
    await page.getByRole('button', { name: 'Remove it, and enter it anew: Porch' }).click({ timeout: 60_000 });
    await expect(page.getByLabel('What it is called')).toHaveValue('Porch');
    await page.getByLabel('Its address').fill(camera.url);
    await add.click();
    await expect(page.getByText('Porch is here.')).toBeVisible();
    await expect(page.getByText('Recording now.'), 'it was tried, and that is told').toBeVisible({ timeout: 60_000 });
    await expect(page.getByLabel('Its address'), 'it is shown to nobody again').toHaveCount(1);
    await expect(page.getByLabel('Its address')).toHaveValue('');
    const signed = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).text());
    const url = new URL(camera.url.replace('rtsp:', 'http:'));
    expect(signed).toContain(url.host);
    expect(signed).not.toContain(url.password);
    await page.getByRole('button', { name: 'Go on to what is kept' }).click();
    await page.getByRole('button', { name: 'Go home' }).click();
    await somebody.open('devices');
    await expect(page.getByText('Recording now.')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('switch', { name: 'Keep what it sees' })).toBeChecked();
  } finally {
    camera.close();
  }
});
