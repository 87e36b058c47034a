import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { client, ready } from '@serenity-kit/opaque';
import { code } from './house';
import { printed } from './setting-up';
import { expect, House, Somebody, test } from './test';

/** The two keys in somebody's kit, in groups, as they stand on paper. */
function grouped(house: House, name: string): string {
  const lines = readFileSync(house.file(`${name}.kit`), 'utf8').split('\n');
  const identity = lines.find((line) => line.startsWith('AGE-SECRET-KEY-1'))!;
  const recovery = lines.find((line) => line.startsWith('# recovery: '))!.slice('# recovery: '.length);
  const inGroups = (text: string, cut: number) => `${text.slice(0, cut)}\n${text.slice(cut).match(/.{1,4}/g)!.join(' ')}`;
  return `${inGroups(identity, 18)}\n${inGroups(recovery, 21)}`;
}

const REFUSED = 'This kit lets nobody of that name back in: it is somebody else’s, or a newer one has taken its place.';

/** Fills in a new passphrase and a new authenticator; the latter's secret. */
async function newSignIn(page: Page, passphrase: string): Promise<string> {
  await page.getByLabel('A passphrase').fill(passphrase);
  await page.getByLabel('The same once more').fill(passphrase);
  await expect(page.getByText('Strong enough.')).toBeVisible();
  const secret = (await page.locator('.totp code').innerText()).replaceAll(' ', '');
  await page.getByLabel(/six digits/).fill(code(secret));
  await expect(page.getByText('These digits fit.')).toBeVisible();
  return secret;
}

test('somebody comes back with the groups on their sheet, and everything of before is over', async ({ browser, somebody, house, page }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  const before = await browser.newContext({ locale: 'en-GB' });
  const elsewhere = new Somebody(await before.newPage(), house);
  await elsewhere.signIn('Anna', 'account');
  await expect(elsewhere.page.getByText('You are Anna, an adult')).toBeVisible();
  await house.addAdult('Tom');
  const context = await browser.newContext({ locale: 'en-GB' });
  const tom = new Somebody(await context.newPage(), house);
  await tom.signIn('Tom', 'account');

  await somebody.open();
  await page.getByRole('link', { name: 'Come back with your recovery kit' }).click();
  await expect(page.getByRole('heading', { name: 'Come back with your kit' })).toBeVisible();
  await page.getByLabel('Your name').fill('Anna');
  await expect(page.locator('.totp a'), 'an authenticator calls it by the name that was typed').toHaveAttribute('href', /:Anna\?secret=/);
  const key = page.getByLabel('The two keys on your sheet');
  await key.fill(grouped(house, 'Anna').slice(0, -3));
  await expect(page.getByText('After PORCHLIGHT-RECOVERY-1 there are 32 letters and numbers on the sheet; here are 29.')).toBeVisible();
  // The upper one alone opens what is sealed to her, and lets nobody in.
  await key.fill(grouped(house, 'Anna').split('\n').slice(0, 2).join('\n'));
  await expect(page.getByText('it takes the lower one as well')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Come back in' })).toBeDisabled();
  await key.fill(grouped(house, 'Anna').replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')));
  await expect(page.getByText('a letter in it is not right')).toBeVisible();
  await key.fill(grouped(house, 'Anna').toLowerCase());
  await expect(page.getByText('These are both keys, whole.')).toBeVisible();
  const passphrase = 'nine otters borrow a velvet trumpet';
  const secret = await newSignIn(page, passphrase);
  await somebody.isSound('recover');
  await page.getByRole('button', { name: 'Come back in' }).click();

  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible({ timeout: 60_000 });
  // The command line was signed in as Anna, and is no more.
  await expect(page.getByRole('listitem').filter({ hasText: 'This is where you are now' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'the command line' })).toHaveCount(0);
  await expect(house.anna('session', 'list')).rejects.toThrow();
  await expect(tom.page.getByText('Anna came back with their recovery kit.')).toBeVisible();
  await expect(tom.page.getByRole('status', { name: 'Who came in' }).getByRole('button', { name: 'That was Anna' })).toHaveCount(1);

  await expect(elsewhere.page.getByText('Somebody just came back with your recovery kit (Chrome on Linux), and this session ended with it.')).toBeVisible();
  await before.close();

  // From now on by the new passphrase and the new authenticator.
  writeFileSync(house.file('Anna.passphrase'), `${passphrase}\n`);
  writeFileSync(house.file('Anna.totp'), `${secret}\n`);
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
  await context.close();
});

test('the whole file of a kit is read, and another’s kit gets nobody in', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.open('recover');
  await page.getByLabel('Your name').fill('Anna');
  await page.getByLabel(/open the file/).setInputFiles(house.file('Tom.kit'));
  await expect(page.getByText('These are both keys, whole.')).toBeVisible();
  await newSignIn(page, 'nine otters borrow a velvet trumpet');
  await page.getByRole('button', { name: 'Come back in' }).click();
  await expect(page.getByText(REFUSED)).toBeVisible({ timeout: 60_000 });
  expect(await house.anna('session', 'list'), 'nothing has ended').not.toHaveLength(0);
});

test('a kit that was used is as good as before, and the passphrase that it took the place of is not', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  const before = house.passphrase('Anna');
  const comeBack = async (passphrase: string): Promise<string> => {
    await somebody.open('recover');
    await page.getByLabel('Your name').fill('anna');
    await page.getByLabel(/open the file/).setInputFiles(house.file('Anna.kit'));
    await expect(page.getByText('These are both keys, whole.')).toBeVisible();
    const secret = await newSignIn(page, passphrase);
    await page.getByRole('button', { name: 'Come back in' }).click();
    await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Sign out here' }).last().click();
    await expect(page.getByRole('heading', { name: 'Welcome home' })).toBeVisible();
    return secret;
  };
  await comeBack('nine otters borrow a velvet trumpet');
  const secret = await comeBack('eleven herons polish the copper moon');
  await page.reload();
  for (const old of [before, 'nine otters borrow a velvet trumpet']) {
    await page.getByLabel('Your passphrase').fill(old);
    await page.getByLabel(/six digits/).fill(code(secret));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByText('are not right')).toBeVisible();
    await page.reload();
  }
  writeFileSync(house.file('Anna.passphrase'), 'eleven herons polish the copper moon\n');
  writeFileSync(house.file('Anna.totp'), `${secret}\n`);
  await somebody.signIn('Anna', 'account');
});

test('who tries kits that are not theirs is made to wait, and what is no kit is not even tried', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await house.addAdult('Tom');
  await somebody.open('recover');
  await page.getByLabel('Your name').fill('Anna');
  const back = page.getByRole('button', { name: 'Come back in' });
  await newSignIn(page, 'nine otters borrow a velvet trumpet');
  // A passphrase is no kit, and neither is what only looks like one.
  for (const none of [house.passphrase('Anna'), `AGE-SECRET-KEY-1${'Q'.repeat(58)}`]) {
    await page.getByLabel('The two keys on your sheet').fill(none);
    await expect(page.getByText(/letters and numbers on the sheet; here are|This is no key/)).toBeVisible();
    await expect(back).toBeDisabled();
  }
  await page.getByLabel(/open the file/).setInputFiles(house.file('Tom.kit'));
  await expect(page.getByText('These are both keys, whole.')).toBeVisible();
  const alert = page.getByRole('alert');
  for (let tries = 0; !/^Too many wrong tries/.test((await alert.allInnerTexts()).join('')); tries++) {
    expect(tries, 'guessing has an end').toBeLessThan(12);
    await back.click();
    await expect(back).toHaveText('Come back in', { timeout: 60_000 });
    await expect(back).toBeEnabled();
    await expect(alert).toHaveText(/This kit lets nobody of that name back in: |Too many wrong tries/);
  }
  await somebody.isSound('recover-too-many');
  // A name that nobody has is told the same.
  await page.getByLabel('Your name').fill('Nobody');
  await back.click();
  await expect(alert).toHaveText(REFUSED, { timeout: 60_000 });
});

test('a new kit is made for whoever proves who they are, and the one before lets nobody in any more', async ({ browser, somebody, house, page }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  await somebody.signIn('Anna', 'account');
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const elsewhere = new Somebody(await context.newPage(), house);
  await elsewhere.signIn('Anna', 'account');
  await page.getByRole('button', { name: 'Make a new one' }).click();
  const sheet = page.getByRole('dialog', { name: 'Is it you?' });
  await sheet.getByLabel('Your passphrase').fill('not the passphrase');
  await sheet.getByLabel(/six digits/).fill('123456');
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(sheet.getByText('That is not your passphrase. Try it again.')).toBeVisible();
  await somebody.isSound('step-up');
  await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await sheet.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await sheet.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Anna’s recovery kit')).toBeVisible();
  const { recovery, file } = await printed(page);
  await somebody.isSound('new-kit');
  await page.getByLabel(/last four letters/).fill(recovery.slice(-4));
  await page.getByRole('button', { name: 'It is on paper' }).click();
  await expect(page.getByText('Your new sheet is the one that counts.')).toBeVisible();
  await expect(elsewhere.page.getByText('A new recovery kit was made for your account')).toBeVisible();
  await context.close();
  writeFileSync(house.file('typed.kit'), file);
  const recipient = (kit: string) => execFileSync('age-keygen', ['-y', house.file(kit)], { encoding: 'utf8' });
  expect(recipient('typed.kit'), 'it opens what the one before did').toBe(recipient('Anna.kit'));

  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.open('recover');
  await page.getByLabel('Your name').fill('Anna');
  await newSignIn(page, 'nine otters borrow a velvet trumpet');
  for (const [kit, good] of [['Anna.kit', false], ['typed.kit', true]] as const) {
    await page.getByLabel(/open the file/).setInputFiles(house.file(kit));
    await expect(page.getByText('These are both keys, whole.')).toBeVisible();
    await page.getByRole('button', { name: 'Come back in' }).click();
    const told = good ? page.getByRole('heading', { name: 'Your account' }) : page.getByText(REFUSED);
    await expect(told).toBeVisible({ timeout: 60_000 });
  }
});

test('a sheet of an earlier release is told of on every visit until there is a new one', async ({ page }) => {
  test.setTimeout(180_000);
  const house = await House.ofAnEarlierRelease();
  try {
    const somebody = new Somebody(page, house);
    await somebody.open('recover');
    await page.getByLabel(/open the file/).setInputFiles(house.file('Anna.kit'));
    await expect(page.getByText('A sheet of an earlier release has none, and lets nobody back in.')).toBeVisible();
    await somebody.signIn('Anna');
    const told = page.getByText('Your recovery kit is of an earlier release and lets you back in no longer.');
    await expect(told).toBeVisible();
    await somebody.open('account');
    await expect(page.getByText('Your sheet is of an earlier release.')).toBeVisible();
    await somebody.isSound('account-old-kit');
    await page.getByRole('button', { name: 'Make a new one' }).click();
    const sheet = page.getByRole('dialog', { name: 'Is it you?' });
    await sheet.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
    await sheet.getByLabel(/six digits/).fill(somebody.digits('Anna'));
    await sheet.getByRole('button', { name: 'It is me' }).click();
    const { recovery } = await printed(page);
    await page.getByLabel(/last four letters/).fill(recovery.slice(-4));
    await page.getByRole('button', { name: 'It is on paper' }).click();
    await expect(page.getByText('Your new sheet is the one that counts.')).toBeVisible();
    await expect(page.getByText('Your sheet is of an earlier release.')).toHaveCount(0);
    await somebody.open();
    await expect(page.getByRole('heading', { name: /^(Good|Hello)/ })).toBeVisible();
    await expect(told).toHaveCount(0);
    expect(somebody.troubles).toEqual([]);
  } finally {
    await house.close();
  }
});

test('a script with all that this browser keeps comes back by none of it, and puts no junk in the place of the key', async ({ somebody, house, page }) => {
  await somebody.signIn('Anna', 'account');
  await expect(page.getByText('You are Anna, an adult')).toBeVisible();
  await ready;
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password: 'nine otters borrow a velvet trumpet' });

  /** What one line pasted into the page can do: ask the hub as the app does, and sign with whatever lies in its storage. */
  const script = {
    ask: (method: string, path: string, body?: unknown) =>
      page.evaluate(
        async ([method, path, body]) => {
          const answer = await fetch(path!, { method: method!, headers: { 'x-porchlight': '1', 'content-type': 'application/json' }, body: body ?? null });
          const text = await answer.text();
          return { status: answer.status, said: (text ? JSON.parse(text) : null) as Record<string, string> | null };
        },
        [method, path, body === undefined ? undefined : JSON.stringify(body)] as const,
      ),
    sign: (bytes: number[]) =>
      page.evaluate(async (bytes) => {
        const settled = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(new Error('no')))));
        const keys: CryptoKey[] = [];
        for (const { name } of await indexedDB.databases()) {
          const database = await settled(indexedDB.open(name!));
          for (const store of database.objectStoreNames) {
            for (const kept of await settled(database.transaction(store).objectStore(store).getAll())) keys.push(...Object.values(kept as object).filter((value): value is CryptoKey => value instanceof CryptoKey));
          }
          database.close();
        }
        const exported = await Promise.all(keys.map((key) => crypto.subtle.exportKey('pkcs8', key).then(() => true, () => false)));
        const signers = keys.filter((key) => key.usages.includes('sign'));
        const signatures = await Promise.all(signers.map((key) => crypto.subtle.sign('Ed25519', key, new Uint8Array(bytes))));
        const text = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
        return { keys: keys.length, exported: exported.filter(Boolean).length, signatures: signatures.map(text) };
      }, bytes),
  };
  const utf8 = (text: string) => [...Buffer.from(text)];
  const parts = (context: string, texts: string[]) => [...utf8(context), ...texts.flatMap((text) => [0, 0, text.length >> 8, text.length & 255, ...utf8(text)])];

  const before = await script.ask('GET', '/api/identity');
  expect(before.status).toBe(200);
  const junk = 'A'.repeat(136);
  let tried = 0;
  for (const over of ['v1', 'v2'] as const) {
    const { said } = await script.ask('POST', '/api/recovery/start', { name: 'Anna', request: registrationRequest });
    const { attempt, challenge, response } = said!;
    const { registrationRecord: record } = client.finishRegistration({ clientRegistrationState, registrationResponse: response!, password: 'nine otters borrow a velvet trumpet' });
    const totp = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const bytes = over === 'v1' ? [...utf8('porchlight recovery v1\0'), ...Buffer.from(challenge!, 'base64url')] : parts('porchlight recovery v2\0', [challenge!, record, totp, junk]);
    const { keys, exported, signatures } = await script.sign(bytes);
    expect({ keys, exported }, 'keys lie there, and none can be taken out').toEqual({ keys: 2, exported: 0 });
    for (const signature of signatures) {
      tried++;
      const account = { record, totp_secret: totp, wrapped: junk, signature };
      const { status } = await script.ask('POST', '/api/recovery/finish', { attempt, signature, account, client: 'a script', cookie: true });
      expect(status, `${over}: nobody comes back by it`).toBe(401);
    }
    // Nor does what it can sign bind an account, though this session is fresh.
    for (const proof of ['', attempt!]) {
      const [signature] = (await script.sign(parts('porchlight account statement v1\0', ['passphrase', proof, record, junk]))).signatures;
      const { status } = await script.ask('PUT', '/api/account/passphrase', { proof, record, wrapped: junk, signature });
      expect(status, 'junk is not taken').toBe(403);
    }
  }
  expect(tried).toBe(2);
  expect(await script.ask('GET', '/api/identity'), 'the key of before is there').toEqual(before);
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
  await expect(page.getByText('You are Anna, an adult')).toBeVisible();
});

test('a new passphrase opens what the old one did, and ends the other sessions, which say why', async ({ browser, somebody, house, page }) => {
  // A long story, with many a passphrase to stretch.
  test.setTimeout(180_000);
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  const elsewhere = new Somebody(await context.newPage(), house);
  await elsewhere.signIn('Anna', 'account');
  await expect(elsewhere.page.getByText('You are Anna, an adult')).toBeVisible();
  await somebody.signIn('Anna', 'account');
  await page.getByRole('button', { name: 'Change your passphrase' }).click();
  const sheet = page.getByRole('dialog', { name: 'Change your passphrase' });
  const passphrase = 'nine otters borrow a velvet trumpet';
  await sheet.getByLabel('A new passphrase').fill(passphrase);
  await sheet.getByLabel('The same once more').fill(passphrase);
  await expect(sheet.getByText('Strong enough.')).toBeVisible();
  await somebody.isSound('new-passphrase');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await expect(page.getByText('Changing it …'), 'it is not, before the proof').toHaveCount(0);
  await proof.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await proof.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Your passphrase is changed, and your other sessions have ended.')).toBeVisible({ timeout: 60_000 });
  await expect(house.anna('session', 'list')).rejects.toThrow();
  await expect(elsewhere.page.getByText('Your passphrase was just changed (Chrome on Linux), and this session ended with it.')).toBeVisible();
  await elsewhere.isSound('ended-by-passphrase');
  await context.close();
  writeFileSync(house.file('Anna.passphrase'), `${passphrase}\n`);
  await page.getByRole('button', { name: 'Sign out here' }).last().click();
  await somebody.signIn('Anna', 'account');
});
