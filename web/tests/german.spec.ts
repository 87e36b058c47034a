import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { code } from './house';
import { codeOn, otherPhone } from './joining';
import { expect, House, ONCE_MORE, Somebody, test } from './test';

// The app in German, and with it what the hub says: the hub speaks English, and gives a code for each sentence.

test.use({ locale: 'de-DE', houseOptions: { mirror: true } });

/** Words that stand in nearly every English sentence, and in no German one. */
const ENGLISH = /\b(the|of|and|is|are|has|with|this|that|it|not|nobody|nothing)\b/i;

/** Everything a person or a screen reader meets on the page, but for what is marked as English, and for commands. */
function words(page: Page): Promise<string> {
  return page.evaluate(() => {
    const copy = document.body.cloneNode(true) as HTMLElement;
    copy.querySelectorAll('[lang=en], noscript, code, option, script, style').forEach((element) => element.remove());
    const named = [...copy.querySelectorAll('[aria-label], [placeholder], [title]')];
    const labels = named.flatMap((element) => ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? ''));
    return [copy.textContent, ...labels].join('\n');
  });
}

async function speaksGerman(page: Page, what: string): Promise<void> {
  const found = (await words(page)).split('\n').filter((line) => ENGLISH.test(line));
  expect(found, `${what} speaks English`).toEqual([]);
}

async function german(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem('porchlight.language', 'de'));
}

async function signIn(somebody: Somebody, name = 'Anna'): Promise<void> {
  const { page, house } = somebody;
  await somebody.open();
  await page.getByLabel('Dein Name').fill(name);
  await page.getByLabel('Deine Passphrase').fill(house.passphrase(name));
  await page.getByLabel(/sechs Ziffern/).fill(somebody.digits(name));
  await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Hauptmenü' })).toBeVisible();
}

/** From the places on: how Anna signs in, and the household is made. */
async function makeHome(page: Page): Promise<void> {
  const passphrase = 'sieben Laternen treiben über den Hafen';
  await page.getByRole('button', { name: 'Weiter: wie du dich anmeldest' }).click();
  await page.getByLabel('Eine Passphrase').fill(passphrase);
  await page.getByLabel('Dieselbe noch einmal').fill(passphrase);
  const secret = (await page.locator('.totp code').innerText()).replaceAll(' ', '');
  await page.getByLabel(/sechs Ziffern/).fill(code(secret));
  await expect(page.getByText('Diese Ziffern passen.')).toBeVisible();
  await page.getByRole('button', { name: 'Unser Zuhause anlegen' }).click();
}

test('every page speaks German, whatever state the home is in', async ({ browser, somebody, house, page }) => {
  test.setTimeout(300_000);
  await house.addAdult('Tom');
  await house.anna('person', 'add', 'Mia', '--born', '2017-04', '--guardian', 'Anna');
  await house.anna('person', 'add', 'Eva', '--born', '1983-03');
  await house.anna('device', 'add', 'Küche', '--kind', 'microphone', '--room', 'Küche');
  await house.addAnnasMicrophone('Arbeitszimmer');
  // Nothing listens there.
  await house.addCamera('Garten', 'rtsp://127.0.0.1:9/cam');
  await expect.poll(async () => (await house.anna('device', 'list')).find(({ name }) => name === 'Garten')).toMatchObject({ missed: [{ said: { code: 'camera-refused' } }] });
  await house.anna('ask', 'set a pizza timer for 2 hours');
  await house.anna('ask', 'add Milch to the shopping list');
  await german(page);
  await signIn(somebody);

  const home = page.getByRole('main');
  await expect(home.getByText(/^Garten hat noch nicht aufgenommen\. Die Kamera nimmt die Verbindung nicht an\./)).toBeVisible();
  await expect(home.getByText(/^Hat noch nicht aufgenommen\. Die Kamera nimmt die Verbindung nicht an\./)).toBeVisible();
  await expect(home.getByText(/^Timer: pizza, klingelt um \d\d:\d\d Uhr$/)).toBeVisible();
  await expect(home.getByRole('checkbox', { name: 'Milch abhaken' })).toBeVisible();
  await expect(home.getByText('Du hast etwas gesagt').first()).toBeVisible();
  await speaksGerman(page, 'home');
  await somebody.isSound('german-home');
  await somebody.standsLargeText('german-home');

  const pages: [path: string, there: string | RegExp][] = [
    ['timeline', 'Filme werden 7 Tage aufbewahrt, was du sagtest, 30 Tage.'],
    ['people', 'In der Obhut von Anna.'],
    ['devices', /^Hat noch nicht aufgenommen\. Die Kamera nimmt die Verbindung nicht an\./],
    ['ledger', 'Du hast dich angemeldet: Chrome unter Linux.'],
    ['policy', /^Was Anna sagt, wird mit Wortlaut und Antworten 30 Tage lang aufbewahrt/],
    ['account', /^Befehlszeile/],
    ['phone', 'Euer Hub ist nur für diesen Computer da'],
    ['more', 'Du bist angemeldet als'],
    ['join', 'Hereinkommen geht auf dem eigenen Telefon.'],
  ];
  for (const [path, there] of pages) {
    await somebody.open(path);
    await expect(home.getByText(there).first()).toBeVisible();
    if (path === 'devices') {
      await page.getByText('Was sie in der letzten Woche verpasst hat').click();
      await expect(home.getByText('Hier können alle sprechen, deshalb wird nichts Gesagtes aufbewahrt.')).toBeVisible();
    }
    await speaksGerman(page, path);
    await somebody.isSound(`german-${path}`);
    await somebody.standsLargeText(`german-${path}`);
  }

  // And so do the two that somebody comes in by.
  await somebody.open('people');
  await page.getByRole('link', { name: 'Eva hereinlassen' }).click();
  const given = await codeOn(page);
  await expect(page.getByText(/^Der Code gilt einmal, bis \d\d:\d\d Uhr\.$/)).toBeVisible();
  await speaksGerman(page, 'let-in');
  await somebody.isSound('german-let-in');
  await somebody.standsLargeText('german-let-in');
  const eva = await otherPhone(browser, house, 'de-DE');
  await eva.open(`join/${given.replaceAll(' ', '')}`);
  await expect(eva.page.getByText('Anna lädt dich ein. Niemand sonst wird sie kennen, auch Anna nicht.')).toBeVisible();
  await speaksGerman(eva.page, 'join');
  await eva.isSound('german-join');
  await eva.page.context().close();
});

test('what is out of reach and the receipt are told in German', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await house.anna('consent', 'grant', 'Anna', 'history');
  await house.anna('ask', 'what time is it');
  renameSync(house.file('mirror'), house.file('mirror-away'));
  await german(page);
  await signIn(somebody);
  await somebody.open('timeline');
  await page.getByRole('button', { name: 'Eine Zeit vergessen …' }).click();
  await page.locator('summary').filter({ hasText: 'Alles, von wann auch immer' }).click();
  await page.getByRole('radio', { name: 'alles, von wem es auch ist' }).check();
  await page.getByRole('button', { name: 'Zeig mir, was vergessen würde' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByText('Was bleibt oder nicht erreicht wird').click();
  await expect(sheet.getByText(`Die Kopie der Schatulle in ${house.file('mirror')}`)).toBeVisible();
  await expect(sheet.getByText('Seltenere Wege, etwa über die Chips einer Platte, stehen auf dem Beleg.')).toBeVisible();
  await speaksGerman(page, 'what goes');
  await somebody.isSound('german-forget');
  const number = /Schreib hier (\d+),/.exec(await sheet.locator('label.number').innerText())?.[1];
  await sheet.getByLabel('Die Zahl auf dem Knopf').fill(number ?? '');
  await sheet.getByRole('button', { name: '1 Satz vergessen' }).click();
  await expect(sheet.getByText(`Unvollständig: Schatulle in ${house.file('mirror')}`)).toBeVisible();
  await speaksGerman(page, 'the receipt');
  await somebody.isSound('german-receipt');
});

test('what Porchlight says itself stays English, and is marked as that', async ({ somebody, page }) => {
  await german(page);
  await signIn(somebody);
  await somebody.talk();
  await page.getByLabel('Porchlight schreiben').fill('set a timer for 20 minutes');
  await page.keyboard.press('Enter');
  const talk = page.getByRole('region', { name: 'Mit Porchlight sprechen' });
  await expect(talk.locator('dd[lang=en]')).toContainText('20 minutes');
  await expect(talk.getByText('Davon wurde nichts aufbewahrt: Du hast dem Aufbewahren nicht zugestimmt.')).toBeVisible();
  await expect(page.getByText(/^Ein Timer von 20 Minuten, klingelt um/)).toBeVisible();
});

test('a sentence that only a newer hub knows is shown as that hub says it', async ({ somebody, house, page }) => {
  await house.addCamera('Garten', 'rtsp://127.0.0.1:9/cam');
  await page.route('**/api/devices', async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const devices = (await answer.json()) as Record<string, unknown>[];
    const said = { code: 'camera-asleep', text: 'The camera is asleep.' };
    await route.fulfill({ json: devices.map((device) => ({ ...device, recording: false, missed: [], said })) });
  });
  await german(page);
  await signIn(somebody);
  await expect(page.getByText('The camera is asleep.')).toHaveAttribute('lang', 'en');
  await speaksGerman(page, 'all the rest');
});

test('setting up speaks German of the disk and of a folder that will not do', async ({ page }) => {
  test.setTimeout(180_000);
  // A file system that is gone after a restart.
  const memory = mkdtempSync('/dev/shm/porchlight-');
  const house = House.empty({ serve: ['--set-up', '--strongbox', join(memory, 'strongbox')] });
  try {
    await house.serve();
    const somebody = new Somebody(page, house);
    await german(page);
    await somebody.open();
    await page.getByLabel('Der Einrichtungscode').fill(house.setUpCode);
    await speaksGerman(page, 'the first step');
    await page.getByRole('button', { name: 'Weiter: wer hier wohnt' }).click();
    // The step before has fields with names of their own.
    await expect(page.getByRole('heading', { name: 'Wer wohnt hier?' })).toBeVisible();
    await page.getByLabel('Name', { exact: true }).fill('Anna');
    await page.getByLabel('Geboren (Jahr und Monat)').fill('1984-03');
    await page.getByRole('button', { name: 'Weiter zu den Schlüsseln' }).click();
    await expect(page.getByText(`Die Schatulle ${memory}/strongbox liegt auf tmpfs, und das ist nach einem Neustart vielleicht leer.`)).toBeVisible();
    await speaksGerman(page, 'the places');
    await somebody.isSound('german-set-up');
    await page.getByLabel('Ein zweiter Ort für die Schatulle').fill('stick');
    await page.getByRole('button', { name: 'Weiter: wie du dich anmeldest' }).click();
    await expect(page.getByRole('alert')).toHaveText('„stick“ ist kein ganzer Pfad. Eine Kopie ist ein Ordner wie /media/stick/porchlight.');
    await page.getByLabel('Ein zweiter Ort für die Schatulle').fill('');
    await makeHome(page);
    await expect(page.getByText('Mach bitte kein Foto davon.')).toBeVisible();
    await speaksGerman(page, 'the kit');
    await somebody.isSound('german-kit');
    await somebody.standsLargeText('german-kit');
  } finally {
    await house.close();
    rmSync(memory, { recursive: true, force: true });
  }
});
