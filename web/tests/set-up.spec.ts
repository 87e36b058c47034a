import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, printed, signInStep, test, you } from './setting-up';
import { expect } from './test';

test('a family makes its home in the browser, step by step', { tag: '@wide' }, async ({ page, house, somebody }) => {
  // Every step is judged in six ways.
  test.setTimeout(300_000);
  await somebody.open();
  await expect(page.getByRole('heading', { name: 'Your home', level: 1 })).toBeVisible();
  await somebody.isSound('set-up-1-home');
  await page.getByLabel('The set-up code').fill('AAAA AAAA');
  await page.getByRole('button', { name: 'Go on to who lives here' }).click();
  await expect(page.getByText('That is not the code in the terminal.')).toBeVisible();
  await page.getByLabel('Let the phones of your home in').check();
  await home(page, house, 'Lantern Lane 4');

  await expect(page.getByRole('heading', { name: 'Who lives here?' })).toBeVisible();
  await you(page);
  await page.getByRole('button', { name: 'Add somebody' }).click();
  const tom = page.getByRole('group').nth(1);
  await tom.getByLabel('Name').fill('Tom');
  await tom.getByLabel(/Born in/).fill('1985-07');
  await page.getByRole('button', { name: 'Add somebody' }).click();
  const mia = page.getByRole('group', { name: 'Somebody else' });
  await mia.getByLabel(/Born in/).fill('2019-05');
  await mia.getByLabel('Name').fill('Mia');
  const miasCard = page.getByRole('group', { name: 'Mia' });
  await expect(miasCard.getByText('A child, under 13.')).toBeVisible();
  await expect(miasCard.getByLabel('Anna')).toBeChecked();
  await miasCard.getByLabel('Tom').check();
  await somebody.isSound('set-up-2-who');
  await page.getByRole('button', { name: 'Go on to the keys' }).click();

  await expect(page.getByRole('heading', { name: 'Where the keys are kept' })).toBeVisible();
  await expect(page.getByText(house.file('data.strongbox'))).toBeVisible();
  await expect(page.getByText('If every strongbox is lost, everything that was kept is lost')).toBeVisible();
  await somebody.isSound('set-up-3-keys');
  await page.getByRole('button', { name: 'Go on to how you sign in' }).click();

  await expect(page.getByRole('heading', { name: 'How you sign in, Anna' })).toBeVisible();
  await page.getByLabel('A passphrase').fill('anna1984');
  await expect(page.getByText('This passphrase is too easy to guess.')).toBeVisible();
  await page.getByLabel(/six digits/).fill('000000');
  await expect(page.getByText('Those digits do not fit.')).toBeVisible();
  await somebody.isSound('set-up-4-sign-in');
  await signInStep(page, house);

  await expect(page.getByRole('heading', { name: 'Print your recovery kit' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Anna’s recovery kit')).toBeVisible();
  await somebody.isSound('set-up-5-kit');
  const { identity, recovery } = await printed(page);
  expect(identity).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
  expect(recovery).toMatch(/^PORCHLIGHT-RECOVERY-1[02-9AC-HJ-NP-Z]{32}$/);
  const onward = page.getByRole('button', { name: 'Go on to your rooms' });
  await page.getByLabel(/last four/).fill('1111');
  await expect(page.getByText('Those are not the last four.')).toBeVisible();
  await expect(onward).toBeDisabled();
  await page.getByLabel(/last four/).fill(recovery.slice(-4).toLowerCase());
  await onward.click();

  await expect(page.getByRole('heading', { name: 'Rooms and devices' })).toBeVisible();
  await page.getByLabel('What it is called').fill('Kitchen');
  await page.getByLabel('The room').fill('Kitchen');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.getByText('Kitchen is here.')).toBeVisible();
  await somebody.isSound('set-up-6-rooms');
  await page.getByRole('button', { name: 'Go on to what is kept' }).click();

  await expect(page.getByRole('heading', { name: 'What is kept', level: 1 })).toBeVisible();
  for (const answer of await page.getByRole('switch').all()) await expect(answer).not.toBeChecked();
  await somebody.isSound('set-up-7-kept');
  await page.getByRole('button', { name: 'Go home' }).click();

  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await house.signIn('Anna');
  const phone = (await (await page.request.get(`${house.address}/api/phone`, { headers: { 'x-porchlight': '1' } })).json()) as { network: boolean };
  expect(phone.network).toBe(true);
  const people = await house.anna('person', 'list');
  expect(people.map(({ name, age }) => [name, age])).toEqual([['Anna', 'adult'], ['Tom', 'adult'], ['Mia', 'child']]);
  expect(people[2]!['guardians']).toEqual(['Anna', 'Tom']);
  expect(await house.anna('device', 'list')).toHaveLength(1);
  // The household goes on in the same process; a reload finds somebody at home.
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
});

test.describe('with a voice', () => {
  test.use({ voice: true });

  test('a kit that was printed from the browser opens an export with Debian’s age', async ({ page, house, somebody }) => {
    test.setTimeout(240_000);
    await somebody.open();
    await home(page, house, '');
    await you(page);
    await page.getByRole('button', { name: 'Go on to the keys' }).click();
    await page.getByRole('button', { name: 'Go on to how you sign in' }).click();
    await signInStep(page, house);
    await expect(page.getByRole('heading', { name: 'Print your recovery kit' })).toBeVisible({ timeout: 60_000 });
    writeFileSync(house.file('typed.kit'), (await printed(page)).file);
    await page.getByRole('button', { name: 'Do this later' }).click();
    await page.getByRole('button', { name: 'Go on to what is kept' }).click();
    await page.getByRole('switch', { name: /Keep what you said/ }).click();
    await expect(page.getByRole('switch', { name: /Keep what you said/ })).toBeChecked();
    await page.getByRole('button', { name: 'Go home' }).click();

    await house.signIn('Anna');
    await house.anna('device', 'add', 'Study', '--kind', 'microphone', '--person', 'Anna');
    await house.say('Set a timer for 10 minutes.', 'Study');
    const out = house.file('export');
    await house.anna('export', '--kind', 'transcript', '--out', out);
    const [sealed] = readdirSync(out).filter((name) => name.endsWith('.age'));
    const opened = execFileSync('age', ['-d', '-i', house.file('typed.kit'), join(out, sealed!)], { encoding: 'utf8' });
    expect(opened.toLowerCase()).toContain('timer');
    // What was put off is remembered.
    await somebody.open('account');
    await expect(page.getByText('You wanted to print it later.')).toBeVisible();
  });
});

test('a printed kit is one sheet, dark on light in both themes', async ({ page, house, somebody }) => {
  await somebody.open();
  await home(page, house, 'Lantern Lane 4');
  await you(page);
  await page.getByRole('button', { name: 'Go on to the keys' }).click();
  await page.getByRole('button', { name: 'Go on to how you sign in' }).click();
  await signInStep(page, house);
  await expect(page.getByRole('heading', { name: 'Print your recovery kit' })).toBeVisible({ timeout: 60_000 });
  await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.kit')).toBeVisible();
  for (const gone of ['header.top', '.prove', '.tips', '.steps']) await expect(page.locator(gone)).toBeHidden();
  const pdf = await page.pdf({ format: 'A4', printBackground: false });
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g), 'pages').toHaveLength(1);
  const gallery = process.env['PORCHLIGHT_GALLERY'];
  if (gallery) await page.screenshot({ path: join(gallery, 'kit-on-paper.png') });
});
