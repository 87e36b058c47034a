import { expect, test } from './test';

test('the account page is sound, and remembers language and colours in this browser', async ({ somebody, page }) => {
  await somebody.signIn('Anna', 'account');
  await expect(page.getByText('You are Anna, an adult and an owner of')).toBeVisible();
  await somebody.isSound('account');
  await page.getByRole('combobox', { name: 'Colours' }).selectOption('Night');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await expect(page.getByRole('heading', { name: 'Dein Konto' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Dein Konto' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
});

test('keys that were not used for thirty days are gone, and nobody else’s session with them', async ({ somebody, page }) => {
  await page.clock.install();
  await somebody.signIn('Anna', 'account');
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await page.clock.setSystemTime(Date.now() + 29 * 24 * 3_600_000);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  // Used just now, so from here another thirty.
  await page.clock.setSystemTime(Date.now() + 58 * 24 * 3_600_000);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await page.clock.setSystemTime(Date.now() + 89 * 24 * 3_600_000);
  await page.reload();
  await expect(page.getByText('You have not been here for a while.')).toBeVisible();
});
