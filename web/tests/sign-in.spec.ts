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
