// Letting somebody in: two people, two phones, and a hub between them that learns neither the code nor anybody's passphrase.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { StandInCamera } from './house';
import { bind, secretsOf } from '../src/keys/invitation';
import { addsDigits, answers, choosesPassphrase, codeOn, numbersOn, otherPhone, sendsAnswer } from './joining';
import { expect, ONCE_MORE, test, type House, type Somebody } from './test';

/** From a link to let somebody in to the code for them. */
async function letIn(anna: Somebody, name: string, within: Page | Locator = anna.page): Promise<string> {
  await within.getByRole('link', { name: `Let ${name} in` }).click();
  await expect(anna.page.getByRole('heading', { level: 1, name: `Let ${name} in` })).toBeVisible();
  return codeOn(anna.page);
}

/** Whether somebody could sign in, as the household's document says. */
async function hasKeys(page: Page, name: string): Promise<boolean> {
  const { document } = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<{ document: string }>);
  const { people } = JSON.parse(document) as { people: { name: string; keys?: unknown }[] };
  return people.find((person) => person.name === name)?.keys !== undefined;
}

/** Everything that a page asks for, with what it sends. */
function overheard(page: Page): string[] {
  const heard: string[] = [];
  page.on('request', (request) => heard.push(`${request.url()} ${request.postData() ?? ''}`));
  return heard;
}

/** Everything that a browser keeps between visits. */
function stored(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie]));
}

/** The four of them, wherever they stand. */
const numbers = (page: Page) => page.getByText(/^(\d{3}\s){3}\d{3}$/);

const kept = (house: House) => house.anna('person', 'list');

test('an owner adds somebody and lets them in on their own phone, who opens what the adults share', async ({ browser, somebody, house, page }) => {
  test.setTimeout(240_000);
  const camera = await StandInCamera.start();
  const ben = await otherPhone(browser, house);
  try {
    await house.addCamera('Porch', camera.url);
    const heard = [...[overheard(page), overheard(ben.page)]];
    await somebody.signIn('Anna', 'people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name').fill('Ben');
    await sheet.getByLabel('Month and year of birth').fill('1979-09');
    await expect(sheet.getByRole('checkbox', { name: 'They sign in themself' })).toBeChecked();
    await expect(sheet.locator('input[type=password]'), 'nobody types another’s passphrase').toHaveCount(0);
    await sheet.getByRole('button', { name: 'Add to the household' }).click();
    await somebody.proves();
    await expect(sheet.getByRole('heading', { name: 'Ben is part of the household now.' })).toBeVisible();
    await somebody.isSound('added-person');

    // The code is made for the phone beside this one.
    const shown = await letIn(somebody, 'Ben', sheet);
    await expect(sheet).toHaveCount(0);
    const code = shown.replaceAll(' ', '');
    await expect(page.getByText('Waiting for Ben’s phone')).toBeVisible();
    await expect(page.getByText(/^The code works once, until \d\d:\d\d\.$/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Let phones in' }), 'none can come yet').toBeVisible();
    await somebody.isSound('let-in');

    // By hand and by keyboard, however it is typed.
    await ben.open('join');
    await ben.page.getByLabel('The code').focus();
    await ben.isSound('join-code');
    await ben.page.keyboard.type(shown.toLowerCase().replaceAll(' ', '-'));
    await ben.page.keyboard.press('Enter');
    await expect(ben.page.getByText('Anna asked you in. Nobody else, Anna included, will know it.')).toBeVisible();
    await expect(ben.page.getByRole('heading', { level: 1 })).toBeFocused();
    await expect(page.getByText('Ben is choosing a passphrase')).toBeVisible();
    await ben.page.getByLabel('Your passphrase').fill('password');
    await expect(ben.page.getByText('This passphrase is too easy to guess.')).toBeVisible();
    await expect(ben.page.getByRole('button', { name: 'Go on' })).toBeDisabled();
    await ben.isSound('join-passphrase');
    await choosesPassphrase(ben, 'Ben');
    await ben.isSound('join-digits');
    await addsDigits(ben, 'Ben');
    const download = ben.page.waitForEvent('download');
    await ben.page.getByRole('button', { name: 'Save as a file' }).click();
    await (await download).saveAs(house.file('Ben.kit'));
    await ben.isSound('join-kit');
    // There are no numbers before Anna's page has taken the answer, and given what they hang on.
    let give = (): void => undefined;
    const given = new Promise<void>((done) => (give = done));
    await page.route('**/api/invitations/*/nonce', async (route) => {
      await given;
      await route.continue();
    });
    await ben.page.getByRole('button', { name: 'Later, and remind me on Home' }).click();
    await expect(ben.page.getByText('Waiting for Anna’s screen')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: 'Is this Ben’s phone?' })).toBeVisible();
    await expect(numbers(ben.page)).toHaveCount(0);
    await ben.isSound('join-waiting');
    give();
    const shownToBen = await numbersOn(ben.page);
    await expect(ben.page.getByText('Until then nothing is open to you.')).toBeVisible();
    await ben.isSound('join-compare');

    // Whoever left the page of the code is told on the first one, and the page still has it.
    await expect(page.getByRole('heading', { level: 1, name: 'Is this Ben’s phone?' })).toBeVisible();
    await somebody.open();
    await expect(page.getByText('Ben can come in. Compare the four numbers.')).toBeVisible();
    await somebody.isSound('home-can-come');
    await page.getByRole('link', { name: 'Compare them' }).click();
    expect(await numbersOn(page)).toBe(shownToBen);
    await somebody.isSound('let-in-numbers');
    expect(await hasKeys(page, 'Ben')).toBe(false);
    await page.getByRole('button', { name: 'They are the same: let Ben in' }).click();
    await somebody.proves();
    await expect(page.getByRole('heading', { level: 1, name: 'Ben' })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'Ben is in.' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Let Ben in' })).toHaveCount(0);

    // Ben is in by himself, and his kit waits to be printed.
    await expect(ben.page.getByRole('heading', { level: 1 })).toHaveText(/^(Good (morning|afternoon|evening)|Hello), Ben\.$/, { timeout: 60_000 });
    await expect(ben.page.getByText('Your recovery kit is not on paper yet.')).toBeVisible();
    await ben.page.getByRole('button', { name: 'Show the last picture of Porch' }).click({ timeout: 45_000 });
    await expect(ben.page.getByRole('img', { name: /^Porch at \d\d:\d\d$/ })).toBeVisible();
    await ben.open('ledger');
    await expect(ben.page.getByText(/^Anna let you in\b/)).toBeVisible();
    await somebody.open('ledger');
    await expect(page.getByText(/^You let Ben in\b/)).toBeVisible();

    // Neither the code nor the passphrase went anywhere, nor stays anywhere.
    for (const secret of [code, shown, house.passphrase('Ben')]) {
      expect(heard.flat().filter((asked) => asked.includes(secret))).toEqual([]);
      for (const phone of [page, ben.page]) expect(await stored(phone)).not.toContain(secret);
    }
    for (const phone of [page, ben.page]) expect(phone.url()).not.toContain(code);

    // The kit reads like one of the command line, and plain age opens with it what the browser sealed to Ben: the adults' circle.
    const plain = (text: string) => text.replaceAll(/AGE-SECRET-KEY-1\w+|PORCHLIGHT-RECOVERY-1\w+|age1\w+|Anna|Ben|of \w+, .*/g, '');
    expect(plain(readFileSync(house.file('Ben.kit'), 'utf8'))).toBe(plain(readFileSync(house.file('Anna.kit'), 'utf8')));
    const { document } = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<{ document: string }>);
    const household = JSON.parse(document) as { people: { id: string; name: string }[]; circles: { name: string; wrapped: Record<string, string> }[] };
    const id = household.people.find((person) => person.name === 'Ben')!.id;
    const wrapped = Buffer.from(household.circles.find((circle) => circle.name === 'adults')!.wrapped[id]!, 'base64');
    expect(execFileSync('age', ['-d', '-i', house.file('Ben.kit')], { input: wrapped }).toString()).toMatch(/^AGE-SECRET-KEY-1\w+\n$/);
    // And he comes in at the command line, by the same keys.
    await house.signIn('Ben');
    expect((await house.run('Ben', 'person', 'list')).map(({ name }) => name)).toEqual(['Anna', 'Ben']);
    expect(ben.troubles).toEqual([]);
  } finally {
    camera.close();
    await ben.page.context().close();
  }
});

test('a code that is used, stopped, unknown or gone with its hub says so to both, and lets nobody in', async ({ browser, somebody, house, page }) => {
  test.setTimeout(240_000);
  await house.anna('person', 'add', 'Tom', '--born', '1984-03');
  await house.anna('person', 'add', 'Mia', '--born', '2018-05', '--guardian', 'Anna');
  const tom = await otherPhone(browser, house);
  const other = await otherPhone(browser, house);
  const heading = (of: Page, name: string | RegExp) => expect(of.getByRole('heading', { level: 1, name })).toBeVisible();
  try {
    await somebody.signIn('Anna', 'people');
    await expect(page.getByRole('link', { name: /^Let .* in$/ }), 'a child does not sign in').toHaveCount(1);
    let code = await letIn(somebody, 'Tom');

    // What is no code, and what nobody made.
    await tom.open('join');
    await tom.page.getByLabel('The code').fill('T7KQ 4M2P');
    await tom.page.keyboard.press('Enter');
    await expect(tom.page.getByRole('alert')).toHaveText('That is no code: it has twelve letters and digits, and no I, L or 1.');
    await tom.page.getByLabel('The code').fill('T7KQ 4M2P 9XWD');
    await tom.page.keyboard.press('Enter');
    await heading(tom.page, 'No invitation has this code.');

    // Nobody answers: it can be tried again.
    await tom.page.route('**/api/invitations/open', (route) => route.abort());
    await tom.page.getByLabel('Another code').fill(code);
    await tom.page.keyboard.press('Enter');
    await expect(tom.page.getByRole('alert').filter({ hasText: 'Nobody answers at this address. Is this phone on your home’s network?' })).toBeVisible();
    await tom.page.unroute('**/api/invitations/open');

    // Used: the second phone with the same code is told. Then the numbers differ.
    await answers(tom, 'Tom', code);
    await heading(page, 'Is this Tom’s phone?');
    await other.open(`join/${code.replaceAll(' ', '')}`);
    await heading(other.page, 'This code has been used.');
    await expect(other.page.getByText('If that was not you, tell Anna at once')).toBeVisible();
    await other.isSound('join-used');
    await tom.page.getByRole('button', { name: 'They differ: stop' }).click();
    await heading(tom.page, 'You stopped.');
    await expect(tom.page.getByText('Destroy the kit that you printed')).toBeVisible();
    await heading(page, 'Tom’s phone has stopped');
    await somebody.isSound('let-in-stopped');
    expect(await hasKeys(page, 'Tom')).toBe(false);

    // The owner stops.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    const before = code;
    code = await codeOn(page);
    expect(code).not.toBe(before);
    await answers(tom, 'Tom', code);
    await page.getByRole('button', { name: 'They differ: stop' }).click();
    await heading(page, 'You stopped it');
    await heading(tom.page, 'This invitation was stopped.');
    expect(await hasKeys(page, 'Tom')).toBe(false);

    // A page that was loaded anew has no code, and makes another. The one before ends with that.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await page.reload();
    await heading(page, 'This page no longer has the code');
    await somebody.isSound('let-in-no-code');
    await page.getByRole('button', { name: 'Make a new code' }).click();
    await codeOn(page);
    await other.open(`join/${code.replaceAll(' ', '')}`);
    await heading(other.page, 'No invitation has this code.');
    code = await codeOn(page);
    await page.getByRole('button', { name: 'Stop, and end this code' }).click();
    await heading(page, 'You stopped it');
    await other.page.getByLabel('Another code').fill(code);
    await other.page.keyboard.press('Enter');
    await heading(other.page, 'This invitation was stopped.');

    // With the hub all codes end, which both are told.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await answers(tom, 'Tom', code);
    await heading(page, 'Is this Tom’s phone?');
    await house.kill();
    await expect(tom.page.getByText('Your hub does not answer at the moment.')).toBeVisible();
    await house.serve();
    await heading(page, 'The hub does not know this code any more');
    await heading(tom.page, 'The hub does not know this code any more.');
    await expect(tom.page.getByText('If Anna’s screen says that you are in, sign in. Else ask Anna for a new code.')).toBeVisible();
    // Neither knows, so nothing is said of the kit that would be wrong if Tom were in.
    await expect(tom.page.getByText('Keep the kit that you printed, copied or saved until Anna knows')).toBeVisible();
    expect(await hasKeys(page, 'Tom')).toBe(false);
    expect((await kept(house)).map(({ name }) => name)).toEqual(['Anna', 'Tom', 'Mia']);

    // Where the owner's other screen makes a newer one, the older says so, and ends nothing.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    await codeOn(page);
    const newer = await house.newerCode('Tom');
    await heading(page, 'This page no longer has the code');
    await answers(tom, 'Tom', newer.code);
    await heading(page, 'This page no longer has the code');
    await newer.stop();
    await heading(page, 'The hub does not know this code any more');

    // Let in while the newcomer's page hears of nothing, and the hub started anew: they are in.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await answers(tom, 'Tom', code);
    const deaf = tom.page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/invitations/wait'));
    await tom.page.route('**/api/invitations/wait', (route) => route.abort());
    await deaf;
    await page.getByRole('button', { name: 'They are the same: let Tom in' }).click();
    await somebody.proves();
    await expect.poll(() => hasKeys(page, 'Tom')).toBe(true);
    await house.kill();
    await house.serve();
    await tom.page.unroute('**/api/invitations/wait');
    await expect(tom.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await house.anna('person', 'remove', 'Tom', '--yes');
    await house.anna('person', 'add', 'Tom', '--born', '1984-03');
    await somebody.open('people');
    await page.reload();
    await letIn(somebody, 'Tom');
    await page.getByRole('button', { name: 'Stop, and end this code' }).click();
    await heading(page, 'You stopped it');

    // On a phone where somebody is signed in, nobody else comes in by accident.
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await page.goto(`${house.address}/#/join/${code.replaceAll(' ', '')}`);
    await heading(page, 'Anna is signed in here');
    expect(page.url()).not.toContain(code.slice(0, 4));
    await somebody.isSound('join-taken');
    await page.getByRole('button', { name: 'Sign Anna out here' }).click();
    await heading(page, 'Tom, choose a passphrase');
    // That the connection broke when the hub was killed is no trouble of the page's.
    for (const { troubles } of [somebody, tom, other]) troubles.splice(0, troubles.length, ...troubles.filter((trouble) => !trouble.includes('net::ERR_')));
    expect([...tom.troubles, ...other.troubles]).toEqual([]);
  } finally {
    for (const phone of [tom, other]) await phone.page.context().close();
  }
});

test('a hub that puts itself between the two is found out by both, and nobody is let in', async ({ browser, somebody, house, page }) => {
  test.setTimeout(180_000);
  await house.anna('person', 'add', 'Tom', '--born', '1984-03');
  await house.anna('person', 'add', 'Eva', '--born', '1983-03');
  const tom = await otherPhone(browser, house);
  try {
    await somebody.signIn('Anna', 'people');
    let code = await letIn(somebody, 'Tom');

    // It asks in somebody else's name.
    await tom.page.route('**/api/invitations/open', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), by: 'Eva' } });
    });
    await tom.open(`join/${code.replaceAll(' ', '')}`);
    await expect(tom.page.getByRole('heading', { level: 1, name: 'This invitation is not from Eva. Stop.' })).toBeVisible();
    await expect(tom.page.locator('input'), 'nothing is to be typed here').toHaveCount(0);
    await tom.isSound('join-foreign');
    await expect(page.getByRole('heading', { level: 1, name: 'Tom’s phone has stopped' })).toBeVisible();
    await tom.page.unroute('**/api/invitations/open');

    // It hands out another nonce than Anna's page promised, so as to choose the numbers.
    await tom.page.route('**/api/invitations/wait', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      const waited = (await answer.json()) as { nonce?: string };
      await route.fulfill({ response: answer, json: { ...waited, ...(waited.nonce && { nonce: waited.nonce.split('').reverse().join('') }) } });
    });
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await sendsAnswer(tom, 'Tom', code);
    await expect(tom.page.getByRole('heading', { level: 1, name: 'This invitation was changed on the way. Stop.' })).toBeVisible();
    await expect(numbers(tom.page), 'there are none to compare').toHaveCount(0);
    await expect(tom.page.locator('input')).toHaveCount(0);
    await expect(tom.page.getByText('Destroy the kit that you printed')).toBeVisible();
    await tom.isSound('join-altered');
    await expect(page.getByRole('heading', { level: 1, name: 'Tom’s phone has stopped' })).toBeVisible();
    await tom.page.unroute('**/api/invitations/wait');

    // It puts other keys in the place of Tom's, or another account.
    const signedDocument = await page.evaluate(async () => ((await (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json()) as { document: string }).document);
    const { people } = JSON.parse(signedDocument) as { people: { name: string; keys?: Record<string, string> }[] };
    const annas = people.find(({ name }) => name === 'Anna')!.keys!;
    let [swapped, greeting] = ['', ''];
    let later: { keys: Record<string, string>; account: string; binding: string } | undefined;
    await page.route('**/api/invitations', async (route) => {
      if (route.request().method() !== 'GET') {
        ({ greeting } = route.request().postDataJSON() as { greeting: string });
        return route.fallback();
      }
      const answer = await route.fetch(ONCE_MORE);
      const views = (await answer.json()) as { answer?: { keys: Record<string, string>; account: string; binding: string } }[];
      for (const { answer } of views) {
        if (!answer) continue;
        if (swapped in answer.keys) answer.keys[swapped] = annas[swapped]!;
        if (swapped === 'account') answer.account = answer.binding;
        if (swapped === 'binding') answer.binding = answer.account;
        if (later) Object.assign(answer, later);
      }
      return route.fulfill({ response: answer, json: views });
    });
    for (swapped of ['signer', 'recipient', 'account', 'binding']) {
      await page.getByRole('button', { name: 'Make a new code' }).click();
      code = await codeOn(page);
      await sendsAnswer(tom, 'Tom', code);
      await expect(page.getByRole('heading', { level: 1, name: 'This is not Tom’s phone' }), swapped).toBeVisible();
      await expect(numbers(page), 'there are no numbers to compare').toHaveCount(0);
      await expect(tom.page.getByRole('heading', { level: 1, name: 'This invitation was stopped.' })).toBeVisible();
      expect(await hasKeys(page, 'Tom')).toBe(false);
    }
    // It knows the code, and puts an answer of its own in the place of the one that was taken, as soon as it can tell the numbers.
    swapped = '';
    await page.getByRole('button', { name: 'Make a new code' }).click();
    code = await codeOn(page);
    await answers(tom, 'Tom', code);
    const made = { keys: { recipient: annas['recipient']!, signer: annas['signer']! }, account: 'B'.repeat(43) };
    later = { ...made, binding: await bind(await secretsOf(code.replaceAll(' ', '')), greeting, made) };
    await somebody.open();
    await somebody.open('people');
    await page.getByRole('link', { name: 'Let Tom in' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'This is not Tom’s phone' })).toBeVisible();
    await expect(numbers(page)).toHaveCount(0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await somebody.isSound('let-in-forged');
    await somebody.open();
    await expect(page.getByText(/^Tom can come in/)).toHaveCount(0);
    expect(tom.troubles).toEqual([]);
  } finally {
    await tom.page.context().close();
  }
});

test('whoever says too late that the numbers differ is told that they are in', async ({ browser, somebody, house, page }) => {
  test.setTimeout(120_000);
  await house.anna('person', 'add', 'Tom', '--born', '1984-03');
  const tom = await otherPhone(browser, house);
  try {
    await somebody.signIn('Anna', 'people');
    // What is decided does not reach his phone before he presses.
    let pressed = false;
    await tom.page.route('**/api/invitations/wait', (route) => {
      const { has_nonce } = route.request().postDataJSON() as { has_nonce: boolean };
      return pressed || !has_nonce ? route.continue() : route.abort();
    });
    await tom.page.route('**/api/invitations/stop', (route) => ((pressed = true), route.continue()));
    await answers(tom, 'Tom', await letIn(somebody, 'Tom'));
    await page.getByRole('button', { name: 'They are the same: let Tom in' }).click();
    await somebody.proves();
    await expect(page.getByRole('status').filter({ hasText: 'Tom is in.' })).toBeVisible();
    await tom.page.getByRole('button', { name: 'They differ: stop' }).click();
    await expect(tom.page.getByRole('heading', { level: 1, name: 'Anna had let you in by then.' })).toBeVisible();
    await expect(tom.page.getByText('Keep your kit.')).toBeVisible();
    await expect(tom.page.getByText('Nobody was let in')).toHaveCount(0);
    await tom.isSound('join-too-late');
  } finally {
    await tom.page.context().close();
  }
});
