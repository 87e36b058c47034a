import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test, type House } from './test';

/** Opens the page of somebody out of the list of people. */
async function openPerson(page: Page, name: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function consentsOf(house: House, name: string): Promise<string[]> {
  const people = (await house.anna('person', 'list')) as { name: string; consents: string[] }[];
  return people.find((person) => person.name === name)?.consents ?? [];
}

test('an owner adds a child, allows one thing for it, and takes it back', async ({ somebody, house, page }) => {
  await somebody.signIn('Anna', 'people');
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
  await page.getByRole('button', { name: 'Add a person' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Name').fill('Mia');
  await sheet.getByLabel('Month and year of birth').fill('2018-05');
  await expect(sheet.getByRole('checkbox', { name: 'Anna' })).toBeChecked();
  await expect(sheet.getByRole('checkbox', { name: 'They sign in themself' })).not.toBeChecked();
  await somebody.isSound('add-person');
  await sheet.getByRole('button', { name: 'Add to the household' }).click();
  await expect(sheet.getByRole('heading', { name: /Mia is part of the household now/ })).toBeVisible();
  await sheet.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('In the care of Anna.')).toBeVisible();
  await expect(page.getByText('Looks after Mia.')).toBeVisible();
  await somebody.isSound('people');

  // Everything starts at No.
  await openPerson(page, 'Mia');
  await expect(page.getByText('Nothing is kept about Mia.')).toBeVisible();
  for (const question of await page.getByRole('switch').all()) await expect(question).not.toBeChecked();
  await page.getByRole('switch', { name: 'Keep what Mia said' }).click();
  await expect(page.getByRole('switch', { name: 'Keep what Mia said' })).toBeChecked();
  await expect(page.getByText(/Allowed by you on \d+ \w+ \d{4}/)).toBeVisible();
  await expect(page.getByText(/Kept for 30 days: what is said today is forgotten on/)).toBeVisible();
  expect(await consentsOf(house, 'Mia'), 'the command line reads what the browser signed').toEqual([expect.stringMatching(/^history since .*, given by Anna$/)]);
  await somebody.isSound('child');

  // Nothing is kept for it, so nothing is asked.
  await page.getByRole('switch', { name: 'Keep what Mia said' }).click();
  await expect(page.getByRole('switch', { name: 'Keep what Mia said' })).not.toBeChecked();
  await expect(page.getByText(/Keeping what is said: from .* to .*, taken back/)).toBeVisible();
  expect(await consentsOf(house, 'Mia')).toEqual([]);
});

test('a teen may have a guardian, who allows and does not hear', async ({ somebody, house, page }) => {
  await house.anna('person', 'add', 'Leo', '--born', '2011-02', '--guardian', 'Anna');
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Leo');
  await expect(page.getByText('What Leo says is sealed to Leo alone.')).toBeVisible();
  await expect(page.getByText('When Leo turns 18')).toBeVisible();
  await expect(page.getByRole('switch', { name: 'Remind Leo' })).toBeEnabled();
});

test('a newcomer gets keys of their own, and is let in by them', async ({ somebody, house, page }) => {
  await somebody.signIn('Anna', 'people');
  await page.getByRole('button', { name: 'Add a person' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Name').fill('Ben');
  await sheet.getByLabel('Month and year of birth').fill('1979-09');
  await sheet.getByLabel('passphrase').first().fill('password');
  await expect(sheet.getByText('This passphrase is too easy to guess.')).toBeVisible();
  await expect(sheet.getByRole('button', { name: 'Add to the household' })).toBeDisabled();
  house.newPassphrase('Ben');
  for (const field of await sheet.locator('input[type=password]').all()) await field.fill(house.passphrase('Ben'));
  await sheet.getByRole('button', { name: 'Add to the household' }).click();
  await expect(sheet.getByRole('heading', { name: 'For Ben, shown once' })).toBeVisible();
  await somebody.isSound('newcomer');
  const secret = (await sheet.locator('code').first().innerText()).replaceAll(/\s/g, '');
  writeFileSync(house.file('Ben.totp'), secret);
  const download = page.waitForEvent('download');
  await sheet.getByRole('button', { name: 'Save the kit as a file' }).click();
  await (await download).saveAs(house.file('Ben.kit'));
  await sheet.getByRole('button', { name: 'Both are put away' }).click();
  await sheet.getByRole('button', { name: 'Close' }).last().click();

  // The kit reads like one of the command line, and plain age opens with it what the browser sealed to Ben: the adults' circle.
  const kit = readFileSync(house.file('Ben.kit'), 'utf8');
  const annas = readFileSync(house.file('Anna.kit'), 'utf8');
  const plain = (text: string) => text.replaceAll(/AGE-SECRET-KEY-1\w+|age1\w+|Anna|Ben|of \w+, .*/g, '');
  expect(plain(kit)).toBe(plain(annas));
  const { document } = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<{ document: string }>);
  const household = JSON.parse(document) as { people: { id: string; name: string }[]; circles: { name: string; wrapped: Record<string, string> }[] };
  const ben = household.people.find((person) => person.name === 'Ben')!.id;
  const wrapped = Buffer.from(household.circles.find((circle) => circle.name === 'adults')!.wrapped[ben]!, 'base64');
  const identities = execFileSync('age', ['-d', '-i', house.file('Ben.kit')], { input: wrapped }).toString();
  expect(identities).toMatch(/^AGE-SECRET-KEY-1\w+\n$/);

  // Ben comes in at the command line, by the same keys; and in the browser.
  await house.signIn('Ben');
  expect((await house.run('Ben', 'person', 'list')).map(({ name }) => name)).toEqual(['Anna', 'Ben']);
});

test('who is removed is gone with what was kept, and the circle has a new key that the command line opens', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Tom');
  await page.getByRole('button', { name: 'Remove Tom from the household…' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByText('Nothing is kept for it, so nothing goes.')).toBeVisible();
  await somebody.isSound('remove-person');
  await sheet.getByRole('button', { name: 'Remove Tom' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
  expect((await house.anna('person', 'list')).map(({ name }) => name)).toEqual(['Anna']);
  // Whoever comes next gets the circle's key out of what the browser wrapped to Anna: Rust opens it.
  await house.addAdult('Eva');
  await house.signIn('Eva');
  const { document } = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<{ document: string }>);
  const { people, circles } = JSON.parse(document) as { people: { id: string; name: string }[]; circles: { name: string; wrapped: Record<string, string> }[] };
  const eva = people.find(({ name }) => name === 'Eva')!.id;
  const wrapped = Buffer.from(circles.find(({ name }) => name === 'adults')!.wrapped[eva]!, 'base64');
  // The new key, and the one before it, for what was sealed while Tom was here.
  expect(execFileSync('age', ['-d', '-i', house.file('Eva.kit')], { input: wrapped }).toString()).toMatch(/^(AGE-SECRET-KEY-1\w+\n){2}$/);
});

test.describe('with something kept', () => {
  test.use({ houseOptions: { voice: true } });

  test('taking a consent back says what goes, and then it goes', async ({ somebody, house, page }) => {
    await house.addAnnasMicrophone('Study');
    await house.say('What time is it?', 'Study');
    await somebody.signIn('Anna', 'people');
    await openPerson(page, 'Anna');
    await expect(page.getByText(/recordings are kept about you/)).toBeVisible();
    await page.getByRole('link', { name: 'See, hear or export what is kept' }).click();
    await expect(page.getByRole('article').first()).toBeVisible();
    await expect(page.getByLabel('Person', { exact: true })).toHaveValue('Anna');
    await page.goBack();
    const question = page.getByRole('switch', { name: 'Keep what you said' });
    await expect(question).toBeChecked();
    await question.click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText(/^1 sound, from/)).toBeVisible();
    await somebody.isSound('take-back');
    await sheet.getByRole('button', { name: 'Leave it as it is' }).click();
    await expect(question).toBeChecked();
    expect(await house.anna('list')).not.toHaveLength(0);

    await question.click();
    await sheet.getByRole('button', { name: /^Take it back and forget \d+ recordings? for good$/ }).click();
    await expect(question).not.toBeChecked();
    await expect(page.getByText(/forgotten for good. The ledger says so./)).toBeVisible();
    await expect(page.getByText('Nothing is kept about you.')).toBeVisible();
    expect(await house.anna('list')).toHaveLength(0);
  });
});
