import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { code } from './house';
import { expect, Somebody, test, type House } from './test';

/** The key in somebody's kit, in groups, as it stands on paper. */
function grouped(house: House, name: string): string {
  const line = readFileSync(house.file(`${name}.kit`), 'utf8').split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-1'))!;
  return `${line.slice(0, 18)}\n${line.slice(18).match(/.{1,4}/g)!.join(' ')}`;
}

/** Fills in a new passphrase and a new authenticator; the latter's secret. */
async function newSignIn(page: Page, passphrase: string): Promise<string> {
  await page.getByLabel('A passphrase').fill(passphrase);
  await page.getByLabel('The same once more').fill(passphrase);
  await expect(page.getByText('This one is hard to guess.')).toBeVisible();
  const secret = (await page.locator('.totp code').innerText()).replaceAll(' ', '');
  await page.getByLabel(/six digits/).fill(code(secret, 0));
  await expect(page.getByText('They fit.')).toBeVisible();
  return secret;
}

test('somebody comes back with the groups on their sheet, and everything of before is over', async ({ browser, somebody, house, page }) => {
  // Each sign-in waits for digits of its own.
  test.setTimeout(180_000);
  const before = await browser.newContext({ locale: 'en-GB' });
  const elsewhere = new Somebody(await before.newPage(), house);
  await elsewhere.signIn('Anna', 'account');
  await expect(elsewhere.page.getByText('You are Anna, an adult')).toBeVisible();
  await house.addAdult('Tom');
  const context = await browser.newContext({ locale: 'en-GB' });
  const tom = new Somebody(await context.newPage(), house);
  await tom.signIn('Tom', 'account');

  await somebody.open();
  await page.getByRole('link', { name: 'Come back with your recovery kit' }).click();
  await expect(page.getByRole('heading', { name: 'Come back with your kit' })).toBeVisible();
  await page.getByLabel('Your name').fill('Anna');
  const key = page.getByLabel('The key on your sheet');
  await key.fill(grouped(house, 'Anna').slice(0, -3));
  await expect(page.getByText(/58 letters and numbers on the sheet; here are 5\d/)).toBeVisible();
  await key.fill(grouped(house, 'Anna').replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')));
  await expect(page.getByText('a letter in it is not right')).toBeVisible();
  await key.fill(grouped(house, 'Anna').toLowerCase());
  await expect(page.getByText('This is a whole key.')).toBeVisible();
  const passphrase = 'nine otters borrow a velvet trumpet';
  const secret = await newSignIn(page, passphrase);
  await somebody.isSound('recover');
  await page.getByRole('button', { name: 'Come back in' }).click();

  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible({ timeout: 60_000 });
  // The command line was signed in as Anna, and is no more.
  await expect(page.getByRole('listitem').filter({ hasText: 'This is where you are now' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'the command line' })).toHaveCount(0);
  await expect(house.anna('session', 'list')).rejects.toThrow();
  await expect(tom.page.getByText('Anna came back with their recovery kit.')).toBeVisible();
  await expect(tom.page.getByRole('status', { name: 'Who came in' }).getByRole('button', { name: 'That was Anna' })).toHaveCount(1);

  await expect(elsewhere.page.getByText('Somebody just came back with your recovery kit (Chrome on Linux), and this session ended with it.')).toBeVisible();
  await before.close();

  // From now on by the new passphrase and the new authenticator.
  writeFileSync(house.file('Anna.passphrase'), `${passphrase}\n`);
  writeFileSync(house.file('Anna.totp'), `${secret}\n`);
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
  await context.close();
});

test('the whole file of a kit is read, and another’s kit gets nobody in', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.open('recover');
  await page.getByLabel('Your name').fill('Anna');
  await page.getByLabel(/open the file/).setInputFiles(house.file('Tom.kit'));
  await expect(page.getByText('This is a whole key.')).toBeVisible();
  await newSignIn(page, 'nine otters borrow a velvet trumpet');
  await page.getByRole('button', { name: 'Come back in' }).click();
  await expect(page.getByText('This kit does not belong to that name here.')).toBeVisible({ timeout: 60_000 });
  expect(await house.anna('session', 'list'), 'nothing has ended').not.toHaveLength(0);
});

test('a kit that was used is as good as before, and the passphrase that it took the place of is not', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  const before = house.passphrase('Anna');
  const comeBack = async (passphrase: string): Promise<string> => {
    await somebody.open('recover');
    await page.getByLabel('Your name').fill('anna');
    await page.getByLabel(/open the file/).setInputFiles(house.file('Anna.kit'));
    await expect(page.getByText('This is a whole key.')).toBeVisible();
    const secret = await newSignIn(page, passphrase);
    await page.getByRole('button', { name: 'Come back in' }).click();
    await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Sign out here' }).last().click();
    await expect(page.getByRole('heading', { name: 'Good to see you' })).toBeVisible();
    return secret;
  };
  await comeBack('nine otters borrow a velvet trumpet');
  const secret = await comeBack('eleven herons polish the copper moon');
  await page.reload();
  for (const old of [before, 'nine otters borrow a velvet trumpet']) {
    await page.getByLabel('Your passphrase').fill(old);
    await page.getByLabel(/six digits/).fill(code(secret));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByText('are not right')).toBeVisible();
    await page.reload();
  }
  writeFileSync(house.file('Anna.passphrase'), 'eleven herons polish the copper moon\n');
  writeFileSync(house.file('Anna.totp'), `${secret}\n`);
  await somebody.signIn('Anna', 'account');
});

test('who tries kits that are not theirs is made to wait, and what is no kit is not even tried', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await house.addAdult('Tom');
  await somebody.open('recover');
  await page.getByLabel('Your name').fill('Anna');
  const back = page.getByRole('button', { name: 'Come back in' });
  await newSignIn(page, 'nine otters borrow a velvet trumpet');
  // A passphrase is no kit, and neither is what only looks like one.
  for (const none of [house.passphrase('Anna'), `AGE-SECRET-KEY-1${'Q'.repeat(58)}`]) {
    await page.getByLabel('The key on your sheet').fill(none);
    await expect(page.getByText(/letters and numbers on the sheet; here are|This is no key/)).toBeVisible();
    await expect(back).toBeDisabled();
  }
  await page.getByLabel(/open the file/).setInputFiles(house.file('Tom.kit'));
  await expect(page.getByText('This is a whole key.')).toBeVisible();
  const alert = page.getByRole('alert');
  for (let tries = 0; !/^Too many wrong tries/.test((await alert.allInnerTexts()).join('')); tries++) {
    expect(tries, 'guessing has an end').toBeLessThan(12);
    await back.click();
    await expect(back).toHaveText('Come back in', { timeout: 60_000 });
    await expect(back).toBeEnabled();
    await expect(alert).toHaveText(/This kit does not belong to that name here\.|Too many wrong tries/);
  }
  await somebody.isSound('recover-too-many');
  // A name that nobody has is told the same.
  await page.getByLabel('Your name').fill('Nobody');
  await back.click();
  await expect(alert).toHaveText('This kit does not belong to that name here.', { timeout: 60_000 });
});

test('the kit is printed once more for whoever proves who they are, and is the same', async ({ somebody, house, page }) => {
  await somebody.signIn('Anna', 'account');
  await page.getByRole('button', { name: 'Print it once more' }).click();
  const sheet = page.getByRole('dialog', { name: 'Is it you?' });
  await sheet.getByLabel('Your passphrase').fill('not the passphrase');
  await sheet.getByLabel(/six digits/).fill('123456');
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(sheet.getByText('are not right')).toBeVisible();
  await somebody.isSound('step-up');
  await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await sheet.getByLabel(/six digits/).fill(await somebody.digits('Anna'));
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Anna’s recovery kit')).toBeVisible();
  const key = (await page.locator('.kit .key').innerText()).replaceAll(/\s/g, '');
  writeFileSync(house.file('typed.kit'), `${key}\n`);
  const recipient = (kit: string) => execFileSync('age-keygen', ['-y', house.file(kit)], { encoding: 'utf8' });
  expect(recipient('typed.kit')).toBe(recipient('Anna.kit'));
});

test('a new passphrase opens what the old one did, and ends the other sessions, which say why', async ({ browser, somebody, house, page }) => {
  // Each sign-in waits for digits of its own.
  test.setTimeout(180_000);
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const elsewhere = new Somebody(await context.newPage(), house);
  await elsewhere.signIn('Anna', 'account');
  await expect(elsewhere.page.getByText('You are Anna, an adult')).toBeVisible();
  await somebody.signIn('Anna', 'account');
  await page.getByRole('button', { name: 'Change your passphrase' }).click();
  const sheet = page.getByRole('dialog', { name: 'Change your passphrase' });
  const passphrase = 'nine otters borrow a velvet trumpet';
  await sheet.getByLabel('A new passphrase').fill(passphrase);
  await sheet.getByLabel('The same once more').fill(passphrase);
  await expect(sheet.getByText('This one is hard to guess.')).toBeVisible();
  await somebody.isSound('new-passphrase');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await proof.getByLabel(/six digits/).fill(await somebody.digits('Anna'));
  await proof.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Your passphrase is changed, and your other sessions have ended.')).toBeVisible({ timeout: 60_000 });
  await expect(house.anna('session', 'list')).rejects.toThrow();
  await expect(elsewhere.page.getByText('Your passphrase was just changed (Chrome on Linux), and this session ended with it.')).toBeVisible();
  await elsewhere.isSound('ended-by-passphrase');
  await context.close();
  writeFileSync(house.file('Anna.passphrase'), `${passphrase}\n`);
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
});
