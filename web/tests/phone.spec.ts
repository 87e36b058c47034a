// Bringing a phone home: the page, the certificate, and what a browser says that trusts that certificate alone.

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { encode } from 'uqr';
import { codeOn } from './joining';
import { expect, House, Somebody, test } from './test';
import { trusting } from './trusting';

/** A page of the hub's by the name that phones use. */
const named = (house: House) => house.address.replace('127.0.0.1', 'porchlight.local');

/** A square code as the app draws it. */
function drawn(text: string): string {
  return encode(text, { ecc: 'M', border: 4 }).data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
}

test.describe('by HTTPS', () => {
  test.use({ houseOptions: { serve: ['--https'] } });

  test('a browser that trusts the household’s authority alone signs in, and no other household’s hub gets in', async ({ house, launchOptions }) => {
    const other = await House.open({ serve: ['--https'] });
    const { page, close } = await trusting(house.file('data/authority.pem'), launchOptions);
    try {
      house.address = named(house);
      const anna = new Somebody(page, house);
      const secure = page.waitForResponse((answer) => answer.url() === `${house.address}/`);
      await anna.signIn();
      expect((await secure).headers()['strict-transport-security']).toMatch(/^max-age=\d{8}/);
      expect(await page.evaluate(() => isSecureContext && document.cookie === '')).toBe(true);
      const cookies = await page.context().cookies();
      expect(cookies.map(({ name }) => name)).toContain('__Host-porchlight');
      for (const cookie of cookies) {
        expect(cookie.name).toMatch(/^__Host-/);
        expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/', domain: 'porchlight.local' });
      }
      expect(anna.troubles).toEqual([]);

      // The hub next door has an authority of its own, of the same name.
      const refused = await page.goto(`${named(other)}/`).then(() => 'opened', (why: Error) => why.message);
      expect(refused).toContain('ERR_CERT_AUTHORITY_INVALID');
      // And a name that is not the hub's, even where it leads to it.
      const stranger = await page.goto(`${house.address.replace('porchlight.local', '127.0.0.2')}/`).then(() => 'opened', (why: Error) => why.message);
      expect(stranger).toMatch(/ERR_CERT_COMMON_NAME_INVALID|ERR_CONNECTION_REFUSED/);
    } finally {
      await close();
      await other.close();
    }
  });

  test('a phone that is not signed in gets the certificate, as a file and as a profile, and nothing else', async ({ house, launchOptions, playwright }) => {
    const pem = new X509Certificate(readFileSync(house.file('data/authority.pem')));
    // As a phone that does not trust the hub yet, whose owner goes on.
    const phone = await playwright.request.newContext({ ignoreHTTPSErrors: true, baseURL: house.address });
    const certificate = await phone.get('/authority.crt');
    expect(certificate.headers()).toMatchObject({ 'content-type': 'application/x-x509-ca-cert', 'cache-control': 'no-store' });
    const der = await certificate.body();
    expect(new X509Certificate(der).fingerprint256).toBe(pem.fingerprint256);
    expect(new X509Certificate(der).ca).toBe(true);

    const profile = await phone.get('/porchlight.mobileconfig');
    expect(profile.headers()['content-type']).toBe('application/x-apple-aspen-config');
    writeFileSync(house.file('profile'), await profile.body());
    // Python reads property lists as Apple writes them.
    const read = 'import plistlib,json,sys; p=plistlib.load(open(sys.argv[1],"rb")); print(json.dumps(p,default=lambda b:b.hex()))';
    const plist = JSON.parse(execFileSync('python3', ['-c', read, house.file('profile')], { encoding: 'utf8' })) as Plist;
    expect(plist).toMatchObject({ PayloadType: 'Configuration', PayloadVersion: 1, PayloadRemovalDisallowed: false });
    expect(plist.PayloadContent).toHaveLength(1);
    const [payload] = plist.PayloadContent;
    expect(payload).toMatchObject({ PayloadType: 'com.apple.security.root', PayloadVersion: 1, PayloadContent: der.toString('hex') });
    const uuid = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;
    expect(plist.PayloadUUID).toMatch(uuid);
    expect(payload?.PayloadUUID).toMatch(uuid);
    expect(payload?.PayloadUUID).not.toBe(plist.PayloadUUID);
    expect((await phone.get('/api/phone')).status()).toBe(401);
    await phone.dispose();

    // A browser that was given that very file lets the page in, and the page needs no session.
    writeFileSync(house.file('downloaded.crt'), der);
    const { page, close } = await trusting(house.file('downloaded.crt'), launchOptions);
    try {
      const somebody = new Somebody(page, house);
      await somebody.open('trust');
      await expect(page.getByRole('heading', { name: 'Let this phone trust your hub' })).toBeVisible();
      await somebody.isSound('trust');
      const got = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download the profile' }).click();
      expect(readFileSync(await (await got).path())).toEqual(readFileSync(house.file('profile')));
      await page.getByText('Android', { exact: true }).click();
      const file = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download the certificate' }).click();
      expect((await file).suggestedFilename()).toBe('porchlight.crt');
      expect(readFileSync(await (await file).path())).toEqual(der);
      await page.getByRole('link', { name: 'Then sign in' }).click();
      await expect(page.getByLabel('Your name')).toBeVisible();

      // Whoever was given a code goes on with it, and it stays in no history.
      await somebody.open('trust/T7KQ4M2P9XWD');
      await expect(page.getByText('Please choose no passphrase while the browser still warns.')).toBeVisible();
      await page.getByRole('link', { name: 'Then come in' }).click();
      await expect(page.getByRole('heading', { name: 'No invitation has this code.' })).toBeVisible();
      await page.goBack();
      expect(page.url()).not.toContain('T7KQ');
      expect(somebody.troubles).toEqual([]);
    } finally {
      await close();
    }
  });
});

interface Payload {
  PayloadType: string;
  PayloadUUID: string;
  PayloadContent: string;
}

interface Plist {
  PayloadUUID: string;
  PayloadContent: Payload[];
}

test.describe('to a network', () => {
  test.use({ houseOptions: { serve: ['--listen', '0.0.0.0:0', '--no-announce'] } });

  test('Add a phone leads there, and shows the fingerprint of the certificate that is installed', async ({ house, launchOptions }) => {
    const authority = new X509Certificate(readFileSync(house.file('data/authority.pem')));
    const { page, close } = await trusting(house.file('data/authority.pem'), launchOptions);
    try {
      const anna = new Somebody(page, house);
      await anna.signIn();
      const { addresses } = await page.evaluate(async () => (await (await fetch('/api/phone', { headers: { 'x-porchlight': '1' } })).json()) as { addresses: string[] });
      await anna.open('phone');
      await expect(page.getByRole('heading', { level: 1, name: 'Add a phone' })).toBeVisible();
      const [address] = addresses;
      if (!address) {
        await expect(page.getByText('is in no home network')).toBeVisible();
        return;
      }
      await expect(page.getByRole('img', { name: `A square code that leads to ${address}` })).toBeVisible();
      await expect(page.getByText(`${address}/#/trust`)).toBeVisible();
      const shown = await page.getByRole('list', { name: 'The fingerprint, to compare' }).innerText();
      expect(shown.replaceAll(/\s/g, '')).toBe(authority.fingerprint256.replaceAll(':', ''));
      await anna.isSound('phone');
      await page.getByText('Android', { exact: true }).click();
      await expect(page.getByText('choose porchlight.crt')).toBeVisible();

      // Somebody who is let in is led the same way, with their code; and the fingerprint is at hand.
      await house.anna('person', 'add', 'Tom', '--born', '1984-03');
      await anna.open('people');
      await page.getByRole('link', { name: 'Let Tom in' }).click();
      const code = await codeOn(page);
      const square = page.getByRole('img', { name: `A square code that leads to ${address}/#/join` });
      expect(await square.locator('path').last().getAttribute('d')).toBe(drawn(`${address}/#/trust/${code.replaceAll(' ', '')}`));
      await page.getByText('Does Tom’s phone warn of a certificate?').click();
      const beside = await page.getByRole('list', { name: 'The fingerprint, to compare' }).innerText();
      expect(beside.replaceAll(/\s/g, '')).toBe(authority.fingerprint256.replaceAll(':', ''));
      await anna.isSound('let-in-phone');
      expect(anna.troubles).toEqual([]);
    } finally {
      await close();
    }
  });
});

test('where the hub serves this computer alone, an owner lets phones in from the page', async ({ house, somebody, page }) => {
  await somebody.signIn('Anna', 'phone');
  await expect(page.getByRole('heading', { name: 'Your hub serves this computer alone' })).toBeVisible();
  await somebody.isSound('phone-alone');
  const answer = await page.request.get(`${house.address}/authority.crt`);
  expect(answer.status()).toBe(404);
  await somebody.open('trust');
  await expect(page.getByRole('heading', { name: 'Nothing has to be installed' })).toBeVisible();

  await somebody.open('phone');
  await page.getByRole('button', { name: 'Let phones in' }).click();
  await expect(page.getByRole('heading', { name: 'Your hub serves this computer alone' })).toBeHidden();
  await expect(page.getByRole('heading', { name: /Point the phone’s camera at this|is in no home network/ })).toBeVisible();
  expect((await page.request.get(`${house.address}/authority.crt`)).status()).toBe(200);
  await somebody.open('ledger');
  await expect(page.getByText('asked the hub to let the phones of your home in.')).toBeVisible();
  // This computer goes on as before.
  await somebody.open('account');
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
});

test.describe('with a certificate that was brought along', () => {
  test.use({ houseOptions: { serve: ['--https'] } });

  test('nothing has to be installed', async ({ house, launchOptions }) => {
    await house.kill();
    const names = ['-addext', 'subjectAltName=DNS:porchlight.local,IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', house.file('key.pem')];
    execFileSync('openssl', ['req', '-x509', ...key, '-days', '9', '-subj', '/CN=porchlight.local', ...names, '-out', house.file('chain.pem')], { stdio: 'ignore' });
    house.serveWith('--https', '--certificate', house.file('chain.pem'), '--certificate-key', house.file('key.pem'));
    await house.serve();
    const { page, close } = await trusting(house.file('chain.pem'), launchOptions);
    try {
      house.address = named(house);
      const anna = new Somebody(page, house);
      await anna.signIn('Anna', 'phone');
      await expect(page.getByRole('heading', { name: 'Nothing has to be installed' })).toBeVisible();
      await expect(page.getByRole('img', { name: `A square code that leads to ${house.address}` })).toBeVisible();
      expect(await page.evaluate(async () => (await fetch('/porchlight.mobileconfig')).status)).toBe(404);
      await anna.isSound('phone-given');
    } finally {
      await close();
    }
  });
});
