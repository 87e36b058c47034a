import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, test, type House, type Somebody } from './test';

interface Signed {
  format: number;
  document: string;
  signer: string;
  signature: string;
}

interface Document {
  id: string;
  version: number;
  people: { id: string; name: string; keys: { recipient: string; signer: string } }[];
}

async function shown(page: Page): Promise<Signed> {
  return page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json() as Promise<Signed>);
}

/** From now on the hub shows this household, whatever it is. */
async function lie(page: Page, signed: Signed): Promise<void> {
  await page.route('**/api/household', (route) => (route.request().method() === 'GET' ? route.fulfill({ json: signed }) : route.continue()));
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
  await page.evaluate(() => localStorage.removeItem('porchlight.household'));
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
  await expect(page.getByRole('switch', { name: 'Remind you' })).toBeChecked();
  await expect(page.getByRole('switch', { name: 'Keep what you said' })).toBeChecked();
  expect(await consents(house)).toEqual([expect.stringContaining('history'), expect.stringContaining('reminder')]);
});

async function consents(house: House): Promise<string[]> {
  const [anna] = (await house.anna('person', 'list')) as { consents: string[] }[];
  return anna!.consents;
}
