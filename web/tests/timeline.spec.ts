import { expect, test } from './test';

test.use({ houseOptions: { voice: true } });

test('somebody sees their day and forgets a moment of it for good', async ({ somebody, house, page }) => {
  await house.addAnnasMicrophone('Study');
  await house.say('Set a timer for 10 minutes.', 'Study');
  await somebody.signIn('Anna', 'timeline');
  await expect(page.getByText('Anna said something · Study').first()).toBeVisible();
  await page.getByRole('button', { name: 'Forget this: Anna said something' }).first().click();
  await page.getByRole('button', { name: 'Keep them' }).click();
  await page.getByRole('button', { name: 'Forget this day' }).click();
  await page.getByRole('button', { name: /^Forget \d+ recordings$/ }).click();
  await expect(page.getByText('Gone from every copy Porchlight keeps')).toBeVisible();
  const receipt = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the receipt' }).click();
  const [verified] = await house.anna('receipt', 'verify', await (await receipt).path());
  expect(verified).toMatchObject({ verified: true });
});
