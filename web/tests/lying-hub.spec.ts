// A hub that lies about the past: each lie is found by the browser, and told in words.

import { Encrypter } from 'age-encryption';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Page, Route } from '@playwright/test';
import { Verifier } from '../src/ledger/note';
import { expect, House, ONCE_MORE, Somebody, test } from './test';

interface Detail {
  detail: number;
  age: string;
}

/** Everything of the hub, strongbox included: a copy that goes on by itself has the same key and another past. */
const FOLDERS = ['data', 'data.strongbox'];

function copy(house: House, to: string): void {
  for (const folder of FOLDERS) cpSync(house.file(folder), house.file(`${folder}.${to}`), { recursive: true });
}

function putBack(house: House, from: string): void {
  for (const folder of FOLDERS) {
    rmSync(house.file(folder), { recursive: true });
    cpSync(house.file(`${folder}.${from}`), house.file(folder), { recursive: true });
  }
}

/** How many lines the ledger had when this browser saw it last. */
function remembered(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const settled = <T>(asking: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(asking.error ?? new Error('the database does not open'));
    });
    // The app makes the database; where it has not yet, nothing is remembered.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'porchlight-ledger')) return 0;
    const database = await settled(indexedDB.open('porchlight-ledger'));
    const seen = (await settled(database.transaction('seen').objectStore('seen').get('household'))) as { checkpoint: string } | undefined;
    database.close();
    return Number(seen?.checkpoint.split('\n')[1] ?? 0);
  });
}

/** That the connection broke when the hub was killed, or was cut by a test, is no trouble of the page's. */
function forgiveBrokenConnections({ troubles }: Somebody): void {
  troubles.splice(0, troubles.length, ...troubles.filter((trouble) => !trouble.includes('net::ERR_')));
}

async function addsUp(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'The ledger adds up' })).toBeVisible();
  await expect(page.getByText('You signed in').first()).toBeVisible();
}

/** What a hub answers that cannot read a line any more. */
function damaged(route: Route): Promise<void> {
  return route.fulfill({ status: 409, json: { error: 'line-damaged', message: 'A line of the ledger is damaged on the disk.' } });
}

async function alarms(page: Page, words: string | RegExp): Promise<void> {
  const alarm = page.getByRole('alert', { name: 'The ledger does not add up' });
  await expect(alarm).toBeVisible();
  await expect(alarm.getByText(words)).toBeVisible();
  await expect(page.getByText('You signed in'), 'nothing of it is shown').toHaveCount(0);
}

test.describe('with looks', () => {
  test.use({ houseOptions: { voice: true } });

  test('a ledger that lost a line, or has another in its place, is not shown but told of', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    await house.addAnnasMicrophone('Study');
    const [id] = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    // The household stays as it is, which a browser remembers as well.
    const look = (to: string) => house.anna('export', String(id!), '--out', house.file(to));
    await somebody.signIn('Anna', 'ledger');
    await addsUp(page);
    await house.kill();
    copy(house, 'copy');
    await house.serve();
    await look('one');
    await page.reload();
    await expect(page.getByText('You asked for 1 thing you said as files.')).toHaveCount(1);

    // The same hub, a line ago.
    await house.kill();
    putBack(house, 'copy');
    await house.serve();
    await page.reload();
    await alarms(page, /A line that you saw today at .* has been changed or taken out\. Somebody with access to the hub may have done this\./);
    await somebody.isSound('ledger-alarm');

    // It goes on from there, past the size that was seen.
    rmSync(house.file('Anna.state'), { recursive: true });
    await house.signIn('Anna');
    for (const folder of ['two', 'three', 'four']) await look(folder);
    await page.reload();
    await alarms(page, /has been changed or taken out/);
    // On every other page as well.
    await somebody.open('more');
    await expect(page.getByRole('alert').getByText('The ledger does not add up')).toBeVisible();
    await page.getByRole('link', { name: 'See what is wrong' }).click();
    const evidence = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the evidence' }).click();
    const saved = JSON.parse(readFileSync(await (await evidence).path(), 'utf8')) as Record<string, Record<string, string>>;
    expect(saved).toMatchObject({ evidence: 1, fault: 'rewritten' });
    expect(Object.keys(saved['seen']!)).toEqual(['key', 'checkpoint', 'at']);
    // What was seen is a checkpoint that the command line holds the ledger against, too.
    writeFileSync(house.file('seen'), saved['seen']!['checkpoint']!);
    await expect(house.anna('ledger', 'verify', '--against', house.file('seen'))).rejects.toThrow('DOES NOT ADD UP');

    // Whoever knows why may begin anew; nothing else makes the alarm go.
    await page.reload();
    await alarms(page, /has been changed or taken out/);
    await page.getByRole('button', { name: 'Save the evidence' }).click();
    await page.getByRole('button', { name: 'Begin anew with this ledger' }).click();
    await page.getByRole('heading', { name: 'The ledger adds up' }).click();
    await expect(page.getByText('sees it for the first time')).toBeVisible();
    forgiveBrokenConnections(somebody);
  });

  test('a look is enough to know of its line: a hub that goes back behind it is told of', async ({ somebody, house, page }) => {
    await house.addAnnasMicrophone('Study');
    await house.say('What day is it?', 'Study');
    await somebody.signIn('Anna', 'timeline');
    const moment = page.getByRole('article').first();
    await expect(moment.getByRole('button', { name: /^Open:/ })).toBeVisible();
    await house.kill();
    copy(house, 'copy');
    await house.serve();
    await page.reload();
    await expect.poll(() => remembered(page)).toBeGreaterThan(0);
    const before = await remembered(page);
    await moment.getByRole('button', { name: /^Open:/ }).click();
    await expect(moment.locator('blockquote')).toContainText(/day/i);
    await expect.poll(() => remembered(page)).toBeGreaterThan(before);

    await house.kill();
    putBack(house, 'copy');
    await house.serve();
    await page.reload();
    await expect(page.getByRole('alert').getByText('The ledger does not add up')).toBeVisible();
    forgiveBrokenConnections(somebody);
  });
});

test('an older copy that was put back without its strongbox is told of, and no alarm', async ({ somebody, house, page }) => {
  test.setTimeout(120_000);
  await somebody.signIn('Anna', 'ledger');
  await addsUp(page);
  await house.kill();
  copy(house, 'copy');
  await house.serve();
  await house.anna('device', 'add', 'Study', '--kind', 'microphone');
  await page.reload();
  await expect(page.getByText('You added Study.')).toHaveCount(1);
  await house.kill();
  rmSync(house.file('data'), { recursive: true });
  cpSync(house.file('data.copy'), house.file('data'), { recursive: true });
  await house.serve();
  // The sessions of an older copy are worth nothing.
  await page.reload();
  await somebody.signIn('Anna', 'ledger');
  await expect(page.getByRole('heading', { name: 'The ledger adds up' })).toBeVisible();
  await expect(page.getByText(/older copy of the hub was put back, .* lost with what came after that copy/)).toBeVisible();
  await expect(page.getByText(/An older copy of the hub’s data was put back\. Before that, the ledger had \d+ lines\./)).toBeVisible();
  forgiveBrokenConnections(somebody);
});

test('a key that nobody was told of, and tiles that are not those that were signed for, are refused', async ({ somebody, house, page }) => {
  test.setTimeout(120_000);
  await somebody.signIn('Anna', 'ledger');
  await addsUp(page);

  await page.route('**/api/ledger', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const head = (await answer.json()) as { key: string };
    const stranger = await Verifier.of(head.key.split('+')[0]!, new Uint8Array(32).fill(7));
    await route.fulfill({ response: answer, json: { ...head, key: stranger.toString() } });
  });
  await page.reload();
  await alarms(page, /signed with another key than today at .*, and the old key has not signed that this is so/);
  await page.unroute('**/api/ledger');

  await page.route('**/api/ledger/log/tile/0/**', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const tile = await answer.body();
    tile[0]! ^= 1;
    await route.fulfill({ response: answer, body: tile });
  });
  await page.reload();
  await alarms(page, /does not show the lines that it has signed for/);
  await page.unroute('**/api/ledger/log/tile/0/**');

  await page.route('**/api/ledger/log/tile/entries/**', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const text = (await answer.body()).toString('latin1').replace('"kind":"sign-in"', '"kind":"look.in"');
    await route.fulfill({ response: answer, body: Buffer.from(text, 'latin1') });
  });
  await page.reload();
  await alarms(page, /does not show the lines that it has signed for/);
  await page.unroute('**/api/ledger/log/tile/entries/**');

  // One line's bytes are damaged where the hub keeps them: that is no lie, and costs that line alone.
  await page.route('**/api/ledger/log/tile/entries/**', damaged);
  await page.route('**/api/ledger/lines/0/proof', damaged);
  await page.reload();
  await addsUp(page);
  await expect(page.getByText('Line 0 is damaged on the hub’s disk')).toHaveCount(1);
  await page.unroute('**/api/ledger/log/tile/entries/**');
  await page.unroute('**/api/ledger/lines/0/proof');

  // The checkpoint of another size, under the old signature.
  await page.route('**/api/ledger', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const head = (await answer.json()) as { checkpoint: string };
    const [origin, size, ...rest] = head.checkpoint.split('\n');
    await route.fulfill({ response: answer, json: { ...head, checkpoint: [origin, Number(size) + 1, ...rest].join('\n') } });
  });
  await page.reload();
  await alarms(page, 'Its signature is not right');
  await page.unroute('**/api/ledger');

  // A hub that does not answer tells no lie; nothing is shown all the same.
  await page.route('**/api/ledger', (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The ledger could not be checked' })).toBeVisible();
  await expect(page.getByText('You signed in')).toHaveCount(0);
  await page.unroute('**/api/ledger');
  await page.getByRole('button', { name: 'Check again' }).or(page.getByRole('button', { name: 'Try again' })).first().click();
  await addsUp(page);
  forgiveBrokenConnections(somebody);
});

test('a detail that was made up, or belongs to another line, is refused', async ({ somebody, page }) => {
  test.setTimeout(120_000);
  await somebody.signIn('Anna', 'ledger');
  await addsUp(page);
  const document = (await page.evaluate(async () => ((await (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).json()) as { document: string }).document));
  const { people } = JSON.parse(document) as { people: { id: string; keys: { recipient: string } }[] };

  // The hub knows for whom it seals, so it can seal another story.
  const made = new Encrypter();
  made.addRecipient(people[0]!.keys.recipient);
  const said = JSON.stringify({ v: 1, who: people[0]!.id, client: 'A browser that never was', at: new Date().toISOString() });
  const age = Buffer.from(await made.encrypt(`${JSON.stringify({ salt: '00'.repeat(32), v: 1 })}\n${said}`)).toString('base64');
  const lying = (lie: (details: Detail[]) => Detail[]) =>
    page.route('**/api/ledger/details', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      await route.fulfill({ response: answer, json: lie((await answer.json()) as Detail[]) });
    });

  await lying((details) => details.map((one, at) => (at === 1 ? { ...one, age } : one)));
  await page.reload();
  await alarms(page, /^What line \d+ says is not what it stood for when it was written/);
  await page.unroute('**/api/ledger/details');

  await lying((details) => details.map(({ detail }, at) => ({ detail, age: details[(at + 1) % details.length]!.age })));
  await page.reload();
  await alarms(page, /^What line \d+ says is not what it stood for/);
  await page.unroute('**/api/ledger/details');

  // What is held back is not made up for.
  await lying(() => []);
  await page.reload();
  await page.getByText(/^\d+ lines whose time is up$/).first().click();
  await expect(page.getByText(/What they said has ended\.$/).first()).toBeVisible();
});

test.describe('with receipts', () => {
  test.use({ houseOptions: { voice: true } });

  test('a receipt that was changed, made up or is of another household is refused with the reason', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    const forget = async (of: House, name: string) => {
      await of.addAnnasMicrophone('Study');
      const kept = (await of.say('What day is it?', 'Study'))['kept'] as number[];
      await of.anna('forget', String(kept[0]!), '--yes', '--receipt', of.file(name));
      return readFileSync(of.file(name), 'utf8');
    };
    const honest = await forget(house, 'honest.receipt');
    const stranger = await House.open({ voice: true });
    const foreign = await forget(stranger, 'foreign.receipt');
    await stranger.close();
    const others = JSON.parse(foreign) as Record<string, string>;
    const form = JSON.parse(honest) as Record<string, string>;
    const file = (form: Record<string, unknown>) => `${JSON.stringify(form, null, 2)}\n`;

    await somebody.signIn('Anna', 'ledger');
    await addsUp(page);
    const sheet = page.getByRole('dialog');
    const refused = async (content: string, words: RegExp | string) => {
      const without = page.getByRole('button', { name: 'Check without us' });
      if (!(await without.isVisible())) await page.getByRole('heading', { name: 'The ledger adds up' }).click();
      await without.click();
      await page.getByLabel('Choose a receipt').setInputFiles({ name: 'a.receipt', mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
      await expect(sheet.getByRole('alert').getByText(words)).toBeVisible();
      await expect(sheet.getByText('Gone')).toHaveCount(0);
      await expect(sheet.getByRole('button', { name: 'Save the receipt' })).toHaveCount(0);
      await sheet.getByRole('button', { name: 'Close' }).click();
    };
    await refused(foreign, 'It is of another household’s ledger');
    await refused(file({ ...form, key: others['key'] }), 'It is of another household’s ledger');
    await refused(file({ ...form, detail: form['detail']!.replace('"reason":"asked"', '"reason":"expired"') }), 'What it says is not what the ledger’s line stands for');
    await refused(file({ ...form, proof: form['proof']!.replace(/index (\d+)/, (_, index: string) => `index ${Number(index) - 1}`) }), 'It does not prove that the ledger holds it');
    await refused(file({ ...form, outcome: form['outcome']!.replace('"swept":true', '"swept":false') }), 'Its signature is not right');
    await refused(honest.replace('\n  "salt"', '\n   "salt"'), 'It is not a receipt of something that was forgotten');
    await refused('a shopping list', 'It is not a receipt of something that was forgotten');

    // The hub says anew what has become of it: that is checked like any other receipt.
    await page.route('**/api/ledger/lines/*/proof', async (route) => {
      const answer = await route.fetch(ONCE_MORE);
      const proof = (await answer.json()) as Record<string, string>;
      await route.fulfill({ response: answer, json: { ...proof, outcome: proof['outcome']!.replace('"swept":true', '"swept":false') } });
    });
    await page.getByRole('button', { name: 'See the receipt' }).first().click();
    await expect(sheet.getByRole('alert').getByText('Its signature is not right')).toBeVisible();
  });
});
