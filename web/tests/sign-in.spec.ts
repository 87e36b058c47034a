import { expect, test } from './test';

test('somebody signs in and out, and a wrong passphrase is told in words', async ({ somebody, house, page }) => {
  await somebody.open();
  await expect(page.getByRole('heading', { name: 'Good to see you' })).toBeVisible();
  await somebody.isSound('sign-in');

  await page.getByLabel('Your name').fill('Anna');
  await page.getByLabel('Your passphrase').fill('not the passphrase');
  await page.getByLabel(/six digits/).fill('123456');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('are not right')).toBeVisible();

  await somebody.signIn();
  expect(await page.evaluate(() => document.cookie), 'no script sees the session').toBe('');
  // A reload is no sign-in.
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  const sessions = await house.anna('session', 'list');
  expect(sessions).toHaveLength(2);
});
