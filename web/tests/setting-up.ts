// Making a household in the browser, as far as every test of it goes the same way.

import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { code } from './house';
import { expect, House, test as base } from './test';

/** A hub that waits for its household. */
export const test = base.extend<{ voice: boolean }>({
  voice: [false, { option: true }],
  house: async ({ voice }, use) => {
    const house = House.empty({ voice, serve: ['--set-up'] });
    await house.serve();
    await use(house);
    await house.close();
  },
});

export async function home(page: Page, house: House, name: string): Promise<void> {
  await page.getByLabel('The set-up code').fill(house.setUpCode.toLowerCase());
  await page.getByLabel('What your home is called').fill(name);
  await page.getByLabel('Your time zone').selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Go on to who lives here' }).click();
}

export async function you(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: /^Name/ }).fill('Anna');
  await page.getByLabel(/Born in/).fill('1984-03');
}

/** Passphrase and authenticator; what the command line needs of them is left in the house. */
export async function signInStep(page: Page, house: House): Promise<void> {
  house.newPassphrase('Anna');
  await page.getByLabel('A passphrase').fill(house.passphrase('Anna'));
  await page.getByLabel('The same once more').fill(house.passphrase('Anna'));
  const secret = (await page.locator('.totp code').innerText()).replaceAll(' ', '');
  writeFileSync(house.file('Anna.totp'), `${secret}\n`);
  await page.getByLabel(/six digits/).fill(code(secret));
  await page.getByRole('button', { name: 'Make our home' }).click();
}

/** The two keys as they are printed, and the file that somebody would type off them. */
export async function printed(page: Page): Promise<{ identity: string; recovery: string; file: string }> {
  await expect(page.locator('.kit .key')).toHaveCount(2);
  const keys = await page.locator('.kit .key').allInnerTexts();
  const [identity, recovery] = keys.map((key) => key.replaceAll(/\s/g, '')) as [string, string];
  return { identity, recovery, file: `# recovery: ${recovery}\n${identity}\n` };
}
