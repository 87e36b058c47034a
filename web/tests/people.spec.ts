import { execFileSync } from 'node:child_process';
import type { Locator, Page } from '@playwright/test';
import { expect, Somebody, test, type House } from './test';

/** Opens the page of somebody out of the list of people. */
async function openPerson(page: Page, name: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The slip that stands in the sheet: checked by the browser, saved as a file, and believed by the command line. */
async function savesReceipt(page: Page, house: House, reason: string): Promise<void> {
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
  await expect(sheet.getByText(/^This browser checked the receipt just now/)).toBeVisible();
  const saved = page.waitForEvent('download');
  await sheet.getByRole('button', { name: 'Save the receipt' }).click();
  const [verified] = await house.anna('receipt', 'verify', await (await saved).path());
  expect(verified).toMatchObject({ verified: true, deletion: { reason } });
}

/** Opens the sheet with what is written about somebody. */
async function openChange(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Change what is written about/ }).click();
  return page.getByRole('dialog', { name: /^What is written about/ });
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
  // What a phone that was left on a table must not do takes the passphrase, however fresh its session is.
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Your passphrase').fill('somebody else’s lanterns');
  await proof.getByRole('button', { name: 'It is me' }).click();
  await expect(proof.getByText('That is not your passphrase.')).toBeVisible();
  expect(await house.anna('person', 'list'), 'nothing is done before').toHaveLength(1);
  await somebody.proves();
  await expect(sheet.getByRole('heading', { name: /Mia is part of the household now/ })).toBeVisible();
  await sheet.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('In the care of Anna.')).toBeVisible();
  await expect(page.getByText('Looks after Mia.')).toBeVisible();
  await somebody.isSound('people');

  // Everything starts at No.
  await openPerson(page, 'Mia');
  await expect(page.getByText('Nothing that Mia said is kept.')).toBeVisible();
  for (const question of await page.getByRole('switch').all()) await expect(question).not.toBeChecked();
  await page.getByRole('switch', { name: 'Keep what Mia said' }).click();
  await somebody.proves();
  await expect(page.getByRole('switch', { name: 'Keep what Mia said' })).toBeChecked();
  await expect(page.getByText(/Allowed by you on \d+ \w+ \d{4}/)).toBeVisible();
  await expect(page.getByText('Nothing of it is kept yet: so far only an adult’s own session or microphone tells who speaks.')).toBeVisible();
  expect(await consentsOf(house, 'Mia'), 'the command line reads what the browser signed').toEqual([expect.stringMatching(/^history since .*, given by Anna$/)]);
  await somebody.isSound('child');

  // Nothing is kept for it, so nothing is asked. Nor does a browser that shows another day hold up whoever wants less to be kept.
  await page.clock.setFixedTime(Date.now() + 26 * 3_600_000);
  await page.getByRole('switch', { name: 'Keep what Mia said' }).click();
  await expect(page.getByRole('switch', { name: 'Keep what Mia said' })).not.toBeChecked();
  await page.clock.setFixedTime(Date.now());
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

  // He has no keys, so there is nobody to seal it to.
  await page.getByRole('switch', { name: 'Keep what Leo said' }).click();
  await expect(page.getByText('You are about to agree for Leo: Keep what Leo said.')).toBeVisible();
  await somebody.isSound('proof-for-this');
  await somebody.proves();
  await expect(page.getByRole('switch', { name: 'Keep what Leo said' })).toBeChecked();
  await expect(page.getByText('As long as Leo cannot sign in, nothing of it is kept: it would be sealed to Leo alone.')).toBeVisible();
  await expect(page.getByText(/what is said today is forgotten on/)).toBeHidden();
  await expect(page.getByText('Now: not at all')).toBeVisible();
  await somebody.open('ledger');
  await expect(page.getByText(/^You said yes for Leo to keeping what is said\./)).toBeVisible();
});

test('a teen is told as themself what is allowed for them, and offered nothing that is their guardian’s', async ({ somebody, house, page }) => {
  // Three people sign in, one after the other.
  test.setTimeout(180_000);
  await house.addTeen('Leo');
  await house.addAdult('Tom');
  await house.anna('consent', 'grant', 'Leo', 'reminder');
  const language = async (now: string) => {
    await page.evaluate((now) => localStorage.setItem('porchlight.language', now), now);
    await page.reload();
  };
  const signOut = async (name: string) => {
    await page.getByRole('link', { name: `Signed in as ${name}: your account` }).click();
    await page.getByRole('button', { name: 'Sign out here' }).last().click();
    await expect(page.getByLabel('Your name')).toBeVisible();
  };

  await somebody.signIn('Leo', 'people');
  await openPerson(page, 'Leo');
  await expect(page.getByRole('heading', { name: 'What is allowed for you' })).toBeVisible();
  await expect(page.getByText('Who looks after you says yes or no, and can change their mind at any time')).toBeVisible();
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeDisabled();
  await expect(page.getByRole('heading', { name: 'What you can do' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Stop everything/ }), 'the hub would refuse it').toHaveCount(0);
  await expect(page.getByText('When you turn 18')).toBeVisible();
  await expect(page.getByText('From the end of February 2029 you decide for yourself: what was allowed for you ends by itself.')).toBeVisible();
  await expect(page.getByText('“Forever” does not exist before 18.')).toBeVisible();
  await expect(page.getByText(/you can change your mind|(if|what) you allow/i)).toHaveCount(0);
  await somebody.isSound('teen');
  await language('de');
  await expect(page.getByRole('heading', { name: 'Was für dich erlaubt ist' })).toBeVisible();
  await expect(page.getByText('Ab Ende Februar 2029 entscheidest du selbst: Was für dich erlaubt war, endet von selbst.')).toBeVisible();
  await expect(page.getByText(/du erlaub|du es dir/i)).toHaveCount(0);
  await language('en');
  await signOut('Leo');

  // Another adult decides nothing here either.
  await somebody.signIn('Tom', 'people');
  await openPerson(page, 'Leo');
  await expect(page.getByRole('heading', { name: 'What is allowed for Leo' })).toBeVisible();
  await expect(page.getByText('From the end of February 2029 they decide for themself: what was allowed for them ends by itself.')).toBeVisible();
  await expect(page.getByText(/change (your|their) mind|(if|what) you allow/i)).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Stop everything/ })).toHaveCount(0);
  await signOut('Tom');

  // His guardian does, and takes all of it back.
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Leo');
  await expect(page.getByRole('heading', { name: 'What you allow' })).toBeVisible();
  await expect(page.getByText('You can change your mind at any time')).toBeVisible();
  await page.getByRole('button', { name: 'Stop everything for Leo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByRole('dialog').getByText('Everything that was agreed to for Leo is taken back.')).toBeVisible();
});

test('who is removed is gone with what was kept, and the circle has a new key that the command line opens', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await house.signIn('Tom');
  for (const camera of ['Porch', 'Attic']) {
    await house.addCamera(camera, 'rtsp://127.0.0.1:9/cam');
    await house.run('Tom', 'consent', 'grant', 'Tom', `security:${camera}`);
  }
  await house.run('Tom', 'consent', 'grant', 'Tom', 'sound:Attic');
  await house.anna('consent', 'withdraw', 'Anna', 'security:Porch', '--yes');
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Tom');
  await page.getByRole('button', { name: 'Remove Tom from the household…' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByText('Whatever is kept of Tom is forgotten. Until then only Tom can see how much that is, and then the receipt says it.')).toBeVisible();
  // What rests on his word alone goes with him, and no more.
  await expect(sheet.getByText('Nobody else agreed to the pictures of Porch: that is recorded no more, and its film goes.')).toBeVisible();
  await expect(sheet.getByText('Nobody else agreed to the sound of Attic: it is dropped from then on, and the film that holds sound goes.')).toBeVisible();
  await somebody.isSound('remove-person');
  await sheet.getByRole('button', { name: 'Remove Tom' }).click();
  await somebody.proves();
  // Nothing was kept for him, which is said in words, and of nothing there is no receipt.
  await expect(sheet.getByText('Tom is not part of the household any more.')).toBeVisible();
  await expect(sheet.getByText('Nothing had to be forgotten for it, so there is no receipt either.')).toBeVisible();
  await expect(sheet.getByRole('button', { name: 'Save the receipt' })).toHaveCount(0);
  await somebody.isSound('removed-person');
  await sheet.getByRole('button', { name: 'Close' }).last().click();
  await expect(page).toHaveURL(/#\/people$/);
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

test('whoever is renamed signs in with the new name, and every page and the ledger call them by it', async ({ somebody, house, page, browser }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  await house.addAdult('Tom');
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
  const toms = new Somebody(await context.newPage(), house);
  await toms.signIn('Tom', 'account');
  await expect(toms.page.getByText('You are Tom, an adult')).toBeVisible();

  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Tom');
  const sheet = await openChange(page);
  await sheet.getByLabel('Name').fill('anna');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await expect(sheet.getByText('Somebody in the household is called anna already.')).toBeVisible();
  await sheet.getByLabel('Name').fill('Thomas');
  await expect(sheet.getByText('They sign in with the new name from then on.')).toBeVisible();
  await somebody.isSound('change-person');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await somebody.proves();
  await expect(page.getByRole('heading', { level: 1, name: 'Thomas' })).toBeVisible();
  await expect(page.getByText('It is changed.')).toBeVisible();

  // His own page follows at once, and his session goes on; at the door it is the new name that counts.
  await expect(toms.page.getByText('You are Thomas, an adult')).toBeVisible();
  await toms.page.getByRole('button', { name: 'Sign out here' }).last().click();
  await expect(toms.page.getByLabel('Your name')).toHaveValue('Thomas');
  await toms.page.getByLabel('Your name').fill('Tom');
  await toms.page.getByLabel('Your passphrase').fill(house.passphrase('Tom'));
  await toms.page.getByLabel(/six digits/).fill(toms.digits('Tom'));
  await toms.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(toms.page.getByRole('alert')).toBeVisible();
  await toms.page.getByLabel('Your name').fill('thomas');
  await toms.page.getByLabel(/six digits/).fill(toms.digits('Tom'));
  await toms.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(toms.page.getByText('You are Thomas, an adult')).toBeVisible();
  expect(toms.troubles).toEqual([]);

  // What the ledger says of before is told with the name of now.
  await somebody.open('ledger');
  await expect(page.getByText(/^Thomas signed in/).first()).toBeVisible();
  await expect(page.getByText(/^Tom signed in/)).toHaveCount(0);

  // Whoever is removed while their page is open is told that, and not to sign in again.
  await house.anna('person', 'remove', 'Thomas', '--yes');
  await expect(toms.page.getByText('You are no longer part of this household, and this session ended with that.')).toBeVisible();
  await context.close();
});

test('an adult is made an owner, and the last owner stays one', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Anna');
  let sheet = await openChange(page);
  await expect(sheet.getByRole('checkbox', { name: 'You can change the household' })).toBeDisabled();
  await expect(sheet.getByText('Nobody else can yet, so this has to stay.')).toBeVisible();
  await sheet.getByRole('button', { name: 'Leave it as it is' }).click();
  await page.getByRole('link', { name: 'People' }).last().click();

  await openPerson(page, 'Tom');
  house.growStale();
  sheet = await openChange(page);
  await sheet.getByRole('checkbox', { name: 'Tom can change the household' }).check();
  await sheet.getByRole('button', { name: 'Change it' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await proof.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await proof.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('It is changed.')).toBeVisible();
  await expect(page.getByText('Can change the household.')).toBeVisible();
  expect(await house.anna('person', 'list')).toMatchObject([{ name: 'Anna', owner: true }, { name: 'Tom', owner: true }]);

  // Then Anna can be none any more, and has nothing to change here.
  await page.getByRole('link', { name: 'People' }).last().click();
  await openPerson(page, 'Anna');
  sheet = await openChange(page);
  await sheet.getByRole('checkbox', { name: 'You can change the household' }).uncheck();
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await somebody.proves();
  await expect(page.getByText('It is changed.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Change what is written about/ })).toHaveCount(0);
  expect(await house.anna('person', 'list')).toMatchObject([{ name: 'Anna', owner: false }, { name: 'Tom', owner: true }]);
});

test('who looks after a child changes, with its circle; what the one who left allowed ends, and how old somebody is can be put right', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await house.signIn('Tom');
  await house.anna('person', 'add', 'Mia', '--born', '2018-05', '--guardian', 'Anna');
  await house.anna('consent', 'grant', 'Mia', 'history');
  await house.run('Tom', 'consent', 'grant', 'Tom', 'history');
  await somebody.signIn('Anna', 'people');
  await openPerson(page, 'Mia');
  let sheet = await openChange(page);
  await sheet.getByRole('checkbox', { name: 'Anna' }).uncheck();
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await expect(sheet.getByText('A child needs somebody who looks after them.')).toBeVisible();
  await sheet.getByRole('checkbox', { name: 'Tom' }).check();
  await somebody.isSound('change-child');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await somebody.proves();
  await expect(page.getByText('In the care of Tom.')).toBeVisible();
  await expect(page.getByText(/Keeping what is said: from .* to .*, taken back/)).toBeVisible();
  expect(await consentsOf(house, 'Mia')).toEqual([]);

  // Tom opens the circle's earlier key, which the browser wrapped to him before Anna left; the command line replaces it.
  expect(await circleOfMia(page)).toMatchObject({ retired: true, holders: 1 });
  await house.run('Tom', 'consent', 'grant', 'Mia', 'history');

  // Mia is a teen, as it turns out; Tom has agreed to something, so nobody else says when he was born.
  sheet = await openChange(page);
  await sheet.getByLabel('Month and year of birth').fill('2012-05');
  await expect(sheet.getByText('Teen', { exact: true })).toBeVisible();
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await somebody.proves();
  await expect(page.getByText('When Mia turns 18')).toBeVisible();
  await page.getByRole('link', { name: 'People' }).last().click();
  await openPerson(page, 'Tom');
  sheet = await openChange(page);
  await expect(sheet.getByLabel('Month and year of birth')).toBeDisabled();
  await expect(sheet.getByText('so nobody else changes when they were born')).toBeVisible();
});

/** The circle of a child's guardians, as the hub shows it. */
async function circleOfMia(page: Page): Promise<{ retired: boolean; holders: number }> {
  const { document } = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<{ document: string }>);
  const { circles } = JSON.parse(document) as { circles: { name: string; recipient?: string; wrapped: Record<string, string> }[] };
  const circle = circles.find(({ name }) => name.startsWith('guardians:'))!;
  return { retired: circle.recipient === undefined, holders: Object.keys(circle.wrapped).length };
}

test('in German the same is said, and who owns nothing changes nothing', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Tom', 'people');
  await openPerson(page, 'Tom');
  await expect(page.getByRole('heading', { name: 'What you can do' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Change what is written about/ })).toHaveCount(0);
  await page.getByRole('link', { name: 'Signed in as Tom: your account' }).click();
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await somebody.open('people');
  await page.getByRole('main').getByRole('link', { name: /^Anna/ }).click();
  await page.getByRole('button', { name: 'Ändern, was über dich dasteht …' }).click();
  const sheet = page.getByRole('dialog', { name: 'Was über dich dasteht' });
  await sheet.getByLabel('Name').fill('Anne');
  await expect(sheet.getByText('Zum Anmelden gilt ab dann der neue Name.')).toBeVisible();
  await somebody.isSound('change-person-de');
  await sheet.getByRole('button', { name: 'Ändern', exact: true }).click();
  const proof = page.getByRole('dialog', { name: 'Bist du es?' });
  await expect(proof.getByText('Du willst ändern, wer du im Haushalt bist.')).toBeVisible();
  await proof.getByLabel('Deine Passphrase').fill(house.passphrase('Anna'));
  await proof.getByRole('button', { name: 'Ich bin es' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Anne' })).toBeVisible();
  // To what one agrees oneself is not told as somebody else's.
  await page.getByRole('switch', { name: 'Dich erinnern' }).click();
  await expect(proof.getByText('Du bist dabei zuzustimmen: Dich erinnern.')).toBeVisible();
});

test.describe('with something kept', () => {
  test.use({ houseOptions: { voice: true } });

  test('taking a consent back says what goes, and then it goes', async ({ somebody, house, page }) => {
    await house.addAnnasMicrophone('Study');
    await house.say('What time is it?', 'Study');
    await somebody.signIn('Anna', 'people');
    await openPerson(page, 'Anna');
    await expect(page.getByText('Kept about you: 1 thing you said.')).toBeVisible();
    await page.getByRole('link', { name: 'See, hear or export what is kept' }).click();
    await expect(page.getByRole('article').first()).toBeVisible();
    await expect(page.getByText('Showing everything from Anna')).toBeVisible();
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
    await sheet.getByRole('button', { name: /^Take it back and forget \d+ things? for good$/ }).click();
    await savesReceipt(page, house, 'consent-withdrawn');
    await somebody.isSound('take-back-receipt');
    await sheet.getByRole('button', { name: 'Close' }).last().click();
    await expect(question).not.toBeChecked();
    await expect(page.getByText('Nothing that you said is kept.')).toBeVisible();
    expect(await house.anna('list')).toHaveLength(0);

    // Without anything kept for it, a consent goes with a word and no receipt.
    await page.getByRole('switch', { name: 'Remind you' }).click();
    await somebody.proves();
    await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
    await page.getByRole('switch', { name: 'Remind you' }).click();
    await expect(page.getByText('Nothing had to be forgotten for it, so there is no receipt.')).toBeVisible();
  });
});
