// Letting somebody in, as far as every test of it goes the same way: an owner's page, and a newcomer's on a phone of their own.

import type { Browser, Page } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { code } from './house';
import { expect, Somebody, type House } from './test';

/** Another phone than the owner's, on which nobody is signed in. */
export async function otherPhone(browser: Browser, house: House, locale = 'en-GB'): Promise<Somebody> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale, reducedMotion: 'reduce' });
  return new Somebody(await context.newPage(), house);
}

/** From the page of an owner that lets somebody in: the code, as it stands there. */
export async function codeOn(page: Page): Promise<string> {
  const shown = page.getByText(/^[A-Z0-9]{4} [A-Z0-9]{4} [A-Z0-9]{4}$/);
  await expect(shown).toBeVisible();
  return shown.innerText();
}

/** What both screens show. */
export async function numbersOn(page: Page): Promise<string> {
  const numbers = page.getByText(/^(\d{3}\s){3}\d{3}$/);
  await expect(numbers).toBeVisible();
  return (await numbers.innerText()).replaceAll(/\s+/g, ' ');
}

/** Chooses the passphrase of the house for them. */
export async function choosesPassphrase({ page, house }: Somebody, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: `${name}, choose a passphrase` })).toBeVisible();
  house.newPassphrase(name);
  await page.getByLabel('Your passphrase').fill(house.passphrase(name));
  await page.getByLabel('The same once more').fill(house.passphrase(name));
  await page.getByRole('button', { name: 'Go on' }).click();
}

/** Takes up the digits; what the command line needs of them is left in the house. */
export async function addsDigits({ page, house }: Somebody, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Add your six digits' })).toBeVisible();
  const secret = (await page.locator('.totp code').innerText()).replaceAll(' ', '');
  writeFileSync(house.file(`${name}.totp`), `${secret}\n`);
  await page.getByLabel(/six digits/).fill(code(secret));
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Print your kit' })).toBeVisible({ timeout: 60_000 });
}

/** From a code to an answer. */
export async function sendsAnswer(newcomer: Somebody, name: string, code: string): Promise<void> {
  await newcomer.open(`join/${code.replaceAll(' ', '')}`);
  await choosesPassphrase(newcomer, name);
  await addsDigits(newcomer, name);
  await newcomer.page.getByRole('button', { name: 'Later, and remind me on Home' }).click();
}

/** From a code to the numbers; which they are. */
export async function answers(newcomer: Somebody, name: string, code: string): Promise<string> {
  await sendsAnswer(newcomer, name, code);
  await expect(newcomer.page.getByText(/^Waiting for .* to let you in$/)).toBeVisible();
  return numbersOn(newcomer.page);
}
