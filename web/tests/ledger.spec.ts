// The Ledger page and receipts, as somebody sees them who trusts the hub no further than their browser can check.

import { readFileSync, renameSync } from 'node:fs';
import { expect, test } from './test';

test.describe('with a voice and a mirror', () => {
  test.use({ houseOptions: { voice: true, mirror: true } });

  test('the ledger tells who looked and what was forgotten, and its receipts are checked and saved', { tag: '@wide' }, async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    await house.addAnnasMicrophone('Study');
    const first = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    await house.say('What day is it?', 'Study');
    for (const folder of ['one', 'two']) await house.anna('export', String(first[0]!), '--out', house.file(folder));
    await house.anna('forget', String(first[0]!), '--yes');

    await somebody.signIn('Anna', 'ledger');
    await expect(page.getByRole('heading', { name: 'The ledger adds up' })).toBeVisible();
    await expect(page.getByText(/sees it for the first time: \d+ lines/), 'its health is one line').toBeHidden();
    await page.getByRole('heading', { name: 'The ledger adds up' }).click();
    await expect(page.getByText(/sees it for the first time: \d+ lines/)).toBeVisible();
    // The same in a row is told once, and that it is gone.
    const saved = page.getByRole('listitem').filter({ hasText: /You asked for 1 thing that was said as files\./ });
    await expect(saved).toContainText('It has been forgotten since.');
    await expect(saved.getByRole('link')).toHaveCount(0);
    await expect(page.getByText('You forgot 1 thing.')).toBeVisible();
    await expect(page.getByText('You said yes to keeping what is said.')).toBeVisible();
    await expect(page.getByRole('link', { name: /You added Study/ })).toHaveAttribute('href', '#/devices');
    for (const inner of [/recordings?\b.*(opened|forgot|away)/, /version/]) await expect(page.getByRole('listitem').filter({ hasText: inner })).toHaveCount(0);
    await expect(page.getByText(/You signed in: /).first()).toBeVisible();
    await somebody.isSound('ledger');

    await page.getByLabel('Kind').selectOption('deletions');
    await expect(page.getByText(/as files/)).toHaveCount(0);
    await page.getByLabel('Person').selectOption('Porchlight itself');
    await expect(page.getByText('Nothing of this kind')).toBeVisible();
    await page.getByRole('button', { name: 'Show everything' }).click();

    await page.getByRole('button', { name: /See the receipt/ }).first().click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByRole('heading', { name: 'Gone from every copy Porchlight keeps.' })).toBeVisible();
    await expect(sheet.getByText(/the ledger holds it as line/)).toBeVisible();
    await expect(sheet.getByText('some of it was taken away.')).toHaveCount(2);
    await somebody.isSound('ledger-receipt');
    const saving = page.waitForEvent('download');
    await sheet.getByRole('button', { name: 'Save the receipt' }).click();
    const file = await (await saving).path();
    const [verified] = await house.anna('receipt', 'verify', file);
    expect(verified).toMatchObject({ verified: true, key_known: true });
    await sheet.getByRole('button', { name: 'Close' }).click();

    // What was saved can be checked here as well; and what was saved of the ledger, by the command line.
    await page.getByRole('button', { name: 'Check without us' }).click();
    await somebody.isSound('ledger-without');
    const checkpoint = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the checkpoint' }).click();
    const [agrees] = await house.anna('ledger', 'verify', '--against', await (await checkpoint).path());
    expect(agrees!['against']).toHaveLength(1);
    await page.getByLabel('Choose a receipt').setInputFiles(file);
    await expect(sheet.getByText(/the ledger holds it as line/)).toBeVisible();
  });

  test('whoever comes later finds what is sealed to others drawn hollow, and reads it in their own language', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    for (const name of ['Study', 'Cellar']) await house.anna('device', 'add', name, '--kind', 'microphone');
    await house.addAdult('Tom');
    await house.anna('device', 'add', 'Attic', '--kind', 'microphone');
    await somebody.signIn('Tom', 'ledger');
    await expect(page.getByRole('heading', { name: 'The ledger adds up' })).toBeVisible();
    await expect(page.getByText(/^Anna added Attic\.$/)).toBeVisible();
    // What he cannot read is one line of the day, and unfolds: two microphones came before he did, and that he is to come.
    await expect(page.getByText('The household was changed, 3 times.')).toBeHidden();
    await page.getByText(/^\d+ lines sealed to others$/).click();
    await expect(page.getByText('The household was changed, 3 times.')).toBeVisible();
    await expect(page.getByText('Only those they are sealed to can read what they say.')).toBeVisible();
    await somebody.isSound('ledger-sealed');
    await page.evaluate(() => localStorage.setItem('porchlight.language', 'de'));
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Das Buch stimmt' })).toBeVisible();
    await expect(page.getByText(/^Anna hat Attic hinzugefügt\.$/)).toBeVisible();
    await somebody.isSound('ledger-german');
  });

  test('of a long ledger only what is new is fetched, and the rest when somebody asks for it', async ({ somebody, house, page }) => {
    test.setTimeout(240_000);
    await house.addAnnasMicrophone('Study');
    const [id] = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    await somebody.signIn('Anna', 'ledger');
    await expect(page.getByRole('heading', { name: 'The ledger adds up' })).toBeVisible();
    // An open ledger follows what happens; a visit begins when it is opened anew.
    await somebody.open('policy');
    await expect(page.getByRole('heading', { level: 1, name: 'How long' })).toBeVisible();
    await page.evaluate(async (id) => {
      const body = JSON.stringify({ selection: { ids: [id] }, why: 'open' });
      const headers = { 'x-porchlight': '1', 'content-type': 'application/json' };
      for (let number = 0; number < 330; number += 1) {
        const answer = await fetch('/api/looks', { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`a look was refused: ${answer.status}`);
      }
    }, id!);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await somebody.open('ledger');
    await page.getByRole('heading', { name: 'The ledger adds up' }).click();
    await expect(page.getByText(/All of them are still here, unchanged, and 330 are new\./)).toBeVisible();
    // Whoever looks at the same again has not looked at more.
    await expect(page.getByText(/^You listened to 1 thing you said\.$/)).toHaveCount(1);
    const bundles = () => [...new Set(asked.flatMap((path) => /tile\/entries\/(\d+)/.exec(path)?.[1] ?? []))];
    expect(bundles()).toEqual(['001']);
    await page.getByRole('button', { name: 'Earlier days' }).click();
    await expect(page.getByText('Here the ledger begins.')).toBeVisible();
    await expect(page.getByText(/^You listened to 1 thing you said\.$/)).toHaveCount(1);
    expect(bundles()).toEqual(['001', '000']);
  });

  test('a receipt says "gone" of a copy only when that copy has followed', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    await house.addAnnasMicrophone('Study');
    const first = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    const other = (await house.say('What day is it?', 'Study'))['kept'] as number[];
    renameSync(house.file('mirror'), house.file('elsewhere'));
    await house.anna('forget', String(first[0]!), '--yes');
    await somebody.signIn('Anna', 'ledger');
    await page.getByRole('button', { name: /See the receipt/ }).first().click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByRole('heading', { name: 'Gone from your home. One copy is still out of reach.' })).toBeVisible();
    await expect(sheet.getByText('Incomplete: strongbox at')).toBeVisible();
    await somebody.isSound('ledger-receipt-incomplete');
    // It is told where people look, for as long as it lasts.
    const behind = page.getByText(/^The mirror .* has not followed/);
    await page.keyboard.press('Escape');
    for (const path of ['', 'policy']) {
      await somebody.open(path);
      await expect(behind).toBeVisible();
    }
    await somebody.isSound('mirror-behind');
    await somebody.open('ledger');
    await page.getByRole('button', { name: /See the receipt/ }).first().click();
    renameSync(house.file('elsewhere'), house.file('mirror'));
    // It is tried again with every change of the strongbox, such as another deletion.
    await house.anna('forget', String(other[0]!), '--yes');
    await expect(sheet.getByRole('heading', { name: 'Gone from every copy Porchlight keeps.' })).toBeVisible();
    await expect(sheet.getByText('Incomplete')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await somebody.open('policy');
    await expect(page.getByRole('heading', { name: 'For everybody' })).toBeVisible();
    await expect(behind).toHaveCount(0);
  });
});
