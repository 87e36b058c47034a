import { createHash, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { lock } from '../src/keys/identity';
import { expect, type House, ONCE_MORE, type Somebody, test } from './test';

interface Signed {
  format: number;
  document: string;
  signer: string;
  signature: string;
}

interface Document {
  id: string;
  version: number;
  people: { id: string; name: string; owner?: boolean; keys: { recipient: string; signer: string } }[];
}

interface Step {
  step: string;
  signer: string;
  signature: string;
}

async function shown(page: Page): Promise<Signed> {
  return page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<Signed>);
}

/** From now on the hub shows this household, whatever it is. */
async function lie(page: Page, signed: Signed): Promise<void> {
  await page.route('**/api/household', (route) => (route.request().method() === 'GET' ? route.fulfill({ json: signed }) : route.continue()));
}

/** From now on the hub shows these steps, made out of those that there are. */
async function lieAboutSteps(page: Page, lie: (steps: Step[]) => Step[]): Promise<void> {
  await page.route('**/api/household/steps?*', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    await route.fulfill({ response: answer, json: lie((await answer.json()) as Step[]) });
  });
}

/** A later version of the document with Anna's keys swapped, signed by the ones that were put in. */
function swapped(signed: Signed, recipient?: string): { forged: Signed; key: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const document = JSON.parse(signed.document) as Document;
  document.version += 1;
  document.people[0]!.keys.signer = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
  if (recipient) document.people[0]!.keys.recipient = recipient;
  const text = JSON.stringify(document);
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const signature = sign(null, Buffer.from(`porchlight household document v1\0${text}`), key).toString('base64');
  return { forged: { ...signed, document: text, signature }, key };
}

/** Signs in, and waits until this browser has seen the household: from then on it knows its keys. */
async function seen(somebody: Somebody): Promise<void> {
  await somebody.signIn('Anna', 'people');
  await expect(somebody.page.getByRole('main').getByRole('link', { name: /^Anna/ })).toBeVisible();
}

/** While this browser is somewhere else, Anna adds Tom, who signs the newest version of the household himself. */
async function tomComesMeanwhile({ house, page }: Somebody): Promise<void> {
  await page.goto('about:blank');
  await house.addAdult('Tom');
  await house.signIn('Tom');
  await house.run('Tom', 'consent', 'grant', 'Tom', 'history');
}

/** Signs as Tom, with the key that his kit yields. */
async function asTom(house: House): Promise<(text: string) => Promise<string>> {
  const [line] = /^AGE-SECRET-KEY-1\S+$/m.exec(readFileSync(house.file('Tom.kit'), 'utf8'))!;
  const { signer } = await lock(new TextEncoder().encode(line));
  return async (text) => Buffer.from(await crypto.subtle.sign('Ed25519', signer, new TextEncoder().encode(text))).toString('base64');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

const alarm = (page: Page) => page.getByRole('alert').filter({ hasText: 'The household that this hub shows is not the one it was' });

test('a household older than the one this browser saw is refused, and nothing is signed on top of it', async ({ somebody, house, page }) => {
  await seen(somebody);
  const old = await shown(page);
  await house.anna('person', 'add', 'Mia', '--born', '2018-05', '--guardian', 'Anna');
  await expect(page.getByText('In the care of Anna.')).toBeVisible();

  await lie(page, old);
  await page.getByRole('link', { name: /Mia/ }).click();
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'PUT' && sent.push(request.url()));
  await page.getByRole('switch', { name: 'Keep what Mia said' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'is not the one it was: it shows version' })).toBeVisible();
  expect(sent).toEqual([]);
  await page.reload();
  await expect(alarm(page)).toContainText('Do not go on; look at the hub itself.');
  await expect(page.getByRole('switch')).toHaveCount(0);
  await somebody.isSound('other-household');

  // Only whoever did it knows that it is right.
  await alarm(page).getByRole('button', { name: 'That is so: take it as it is' }).click();
  await expect(alarm(page)).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
});

test('a swapped public key is refused', async ({ somebody, page }) => {
  await seen(somebody);
  const { forged } = swapped(await shown(page));
  await lie(page, forged);
  await page.reload();
  await expect(alarm(page)).toContainText('the signature of Anna does not fit it');
  await expect(alarm(page).getByRole('button')).toHaveCount(0);
});

test('a browser that comes for the first time knows its own member’s keys', async ({ somebody, page }) => {
  await seen(somebody);
  const { forged } = swapped(await shown(page));
  // Just before it is opened anew: a page that is open remembers whatever it is shown.
  await page.addInitScript(() => localStorage.removeItem('porchlight.household'));
  await lie(page, forged);
  await page.reload();
  await expect(alarm(page)).toContainText('your own key is not in it');
});

test('a document that was changed after it was signed is refused', async ({ somebody, page }) => {
  await seen(somebody);
  const signed = await shown(page);
  const document = JSON.parse(signed.document) as Document & { name?: string };
  document.version += 1;
  document.name = 'Somebody else’s house';
  await lie(page, { ...signed, document: JSON.stringify(document) });
  await page.reload();
  await expect(alarm(page)).toContainText('was changed after it was signed');
});

test('a browser that was away follows a household whose newest member signed it last', async ({ somebody, house, page }) => {
  await seen(somebody);
  await tomComesMeanwhile(somebody);
  await house.anna('person', 'owner', 'Tom');
  await house.run('Tom', 'person', 'add', 'Mia', '--born', '2018-05', '--guardian', 'Tom');
  await somebody.open('people');
  await expect(page.getByRole('main').getByRole('link', { name: /^Mia/ })).toBeVisible();
  await expect(alarm(page)).toHaveCount(0);

  // What is signed here goes on from there.
  await page.getByRole('main').getByRole('link', { name: /^Anna/ }).click();
  await page.getByRole('switch', { name: 'Remind you' }).click();
  await somebody.proves();
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
});

test('a version in between that was forged, left out or made by a stranger is refused', async ({ somebody, house, page }) => {
  await seen(somebody);
  await tomComesMeanwhile(somebody);
  const { privateKey } = generateKeyPairSync('ed25519');
  const forge = (step: Step): Step => ({ ...step, signature: sign(null, Buffer.from(`porchlight household step v1\0${step.step}`), privateKey).toString('base64') });
  const lies: [string, (steps: Step[]) => Step[]][] = [
    ['the signature of version 2 of it does not fit', ([first, ...rest]) => [forge(first!), ...rest]],
    ['version 2 of it was signed by somebody who did not belong to your household then', ([first, ...rest]) => [{ ...first!, signer: 'stranger' }, ...rest]],
    ['version 3 of it lies in between and is missing', (steps) => steps.slice(0, 1)],
    ['it cannot be read', ([first, ...rest]) => [{ ...first!, step: 'a shopping list' }, ...rest]],
    // As if the hub kept none of so long ago: then only who was known may have signed.
    ['it is signed by Tom, whom this browser does not know', () => []],
  ];
  for (const [words, lie] of lies) {
    await lieAboutSteps(page, lie);
    await somebody.open('people');
    await expect(alarm(page)).toContainText(words);
    await page.unrouteAll({ behavior: 'wait' });
    await page.goto('about:blank');
  }
});

test('a member who owns nothing makes nobody an owner, and a household that went another way is told of', async ({ somebody, house, page }) => {
  await seen(somebody);
  await tomComesMeanwhile(somebody);
  await somebody.open('people');
  await expect(page.getByRole('main').getByRole('link', { name: /^Tom/ })).toBeVisible();

  // The hub lets him, who has his own key and no other.
  const tom = await asTom(house);
  const before = await shown(page);
  const showNext = async (of: Signed, owner: boolean) => {
    const document = JSON.parse(of.document) as Document;
    document.version += 1;
    if (owner) document.people.find(({ name }) => name === 'Tom')!.owner = true;
    const text = JSON.stringify(document);
    const signers = Object.fromEntries(document.people.map(({ id, owner, keys }) => [id, { key: keys.signer, owner: owner ?? false }]));
    const step = JSON.stringify({ format: 1, household: document.id, version: document.version, follows: digest(of.document), document: digest(text), signers });
    await lie(page, { ...before, document: text, signature: await tom(`porchlight household document v1\0${text}`) });
    const signature = await tom(`porchlight household step v1\0${step}`);
    await lieAboutSteps(page, () => [{ step, signer: before.signer, signature }]);
    await page.reload();
  };
  await showNext(before, true);
  await expect(alarm(page)).toContainText('version 5 of it changes whose signature counts in your household');
  await expect(alarm(page).getByRole('button')).toHaveCount(0);
  await somebody.isSound('forbidden-household');
  await page.unrouteAll({ behavior: 'wait' });

  // A version that does not go on from the one that this browser saw, but from another with the same number.
  await showNext({ ...before, document: before.document.replace('"Tom"', '"Tim"') }, false);
  await expect(alarm(page)).toContainText('there are two different versions 4 of it');
  await expect(alarm(page)).toContainText('Only if you put an older copy of the household back yourself');
  await expect(alarm(page).getByRole('button', { name: 'That is so: take it as it is' })).toBeVisible();
});

test('what somebody else changed meanwhile stays, and so does the change made here', async ({ somebody, house, page }) => {
  await seen(somebody);
  await page.getByRole('main').getByRole('link', { name: /^Anna/ }).click();
  let first = true;
  await page.route('**/api/household', async (route) => {
    if (route.request().method() === 'PUT' && first) {
      first = false;
      // Between reading and sending, the command line is faster.
      await house.anna('consent', 'grant', 'Anna', 'history');
    }
    await route.continue();
  });
  await page.getByRole('switch', { name: 'Remind you' }).click();
  await somebody.proves();
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
  await expect(page.getByRole('switch', { name: 'Keep what you said' })).toBeChecked();
  expect(await consents(house)).toEqual([expect.stringContaining('history'), expect.stringContaining('reminder')]);
});

test('what stands already by the time it is to be signed is not signed once more', async ({ somebody, house, page }) => {
  await seen(somebody);
  await page.getByRole('main').getByRole('link', { name: /^Anna/ }).click();
  await expect(page.getByRole('switch', { name: 'Remind you' })).not.toBeChecked();
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'PUT' && sent.push(request.url()));
  // The command line is faster, and this page is told of it only by what it reads before it signs.
  const meanwhile = async (deed: () => Promise<unknown>) => {
    await page.route('**/api/household', async (route) => (await deed(), await route.continue()), { times: 1 });
    await page.getByRole('switch', { name: 'Remind you' }).click();
  };
  await meanwhile(() => house.anna('consent', 'grant', 'Anna', 'reminder'));
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
  await meanwhile(() => house.anna('consent', 'withdraw', 'Anna', 'reminder', '--yes'));
  await expect(page.getByText('It stands so already, so nothing was changed.')).toBeVisible();
  expect(sent).toEqual([]);
});

async function consents(house: House): Promise<string[]> {
  const [anna] = (await house.anna('person', 'list')) as { consents: string[] }[];
  return anna!.consents;
}
