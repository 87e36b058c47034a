import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '../playwright.config';
import type { House } from './house';
import { expect, test, type Somebody } from './test';
import type { Page } from '@playwright/test';

/** What Chromium hears where these tests have a microphone: whatever lies here when it opens it. */
const SPOKEN = join(tmpdir(), `porchlight-spoken-${process.pid}.wav`);
const launchOptions = config.use!.launchOptions!;
const microphone = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${SPOKEN}%noloop`];
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args!, ...microphone] } });

test.describe('with a voice', () => {
  test.use({ houseOptions: { voice: true } });
  test.setTimeout(180_000);

  test('a sentence is heard as it is spoken, and answered in words and in sound', async ({ somebody, house, page }) => {
    await willSay(house, 'Set a timer for ten minutes.');
    await countSounds(page);
    await somebody.signIn();
    await somebody.talk();
    await button(page).click();
    await expect(page.getByText('Listening. Press again to stop.')).toBeVisible();
    await expect(page.locator('.brand .lantern'), 'the lamp is lit').toHaveClass(/lit/);
    await expect(page.locator('.so-far')).toContainText(/timer/i, { timeout: 60_000 });
    await expect(page.getByRole('meter', { name: 'How loud you are' })).toBeVisible();
    await somebody.isSound('home-listening');

    await button(page).click();
    const said = page.getByLabel('What was said last');
    await expect(said).toContainText(/set a timer for (10|ten) minutes/i, { timeout: 60_000 });
    await expect(page.locator('.brand .lantern')).not.toHaveClass(/lit/);
    await expect.poll(() => page.evaluate(() => Reflect.get(window, 'played') as number), 'the answer was spoken').toBe(1);
    await expect(page.getByRole('timer', { name: 'A timer of 10 minutes' })).toBeVisible();
    // Truthfully: Anna has agreed to no history.
    await expect(page.getByText('Nothing of this was kept: you have not agreed to a history.')).toBeVisible();
    await expect(page.getByText('What you asked for stays until it is done.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Forget this' })).toBeHidden();
    expect(await house.anna('list', '--kind', 'voice,transcript,reply')).toEqual([]);
    await somebody.isSound('home-answered');
  });

  test('what was said and kept is forgotten from where it was said', async ({ somebody, house, page }) => {
    await house.anna('consent', 'grant', 'Anna', 'history');
    await willSay(house, 'What time is it?');
    await somebody.signIn();
    await somebody.talk();
    // Held down as long as it takes.
    await button(page).hover();
    await page.mouse.down();
    await expect(page.getByText('Listening. Let go to stop.')).toBeVisible();
    await expect(page.locator('.so-far')).toContainText(/time/i, { timeout: 60_000 });
    await page.mouse.up();
    const said = page.getByLabel('What was said last');
    await expect(said).toContainText(/what time is it/i, { timeout: 60_000 });
    expect((await house.anna('list', '--kind', 'voice')).length).toBe(1);

    await page.getByRole('button', { name: 'Forget this' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget 1 thing' }).click();
    await expect(page.getByText('Gone from every copy').first()).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await expect(page.getByText('Forgotten. Nothing of it is left here.')).toBeVisible();
    await expect(page.getByText(/what time is it/i)).toBeHidden();
    expect(await house.anna('list', '--kind', 'voice,transcript,reply')).toEqual([]);
  });

  test('the space bar is a button to hold, and Escape drops what was heard', async ({ somebody, house, page }) => {
    await willSay(house, 'What time is it?');
    const asked: string[] = [];
    page.on('request', (request) => void (request.url().includes('/api/say') && asked.push(request.url())));
    await somebody.signIn();
    await somebody.talk();
    await button(page).focus();
    await page.keyboard.down(' ');
    await expect(page.getByText('Listening. Let go to stop.')).toBeVisible();
    await page.keyboard.press('Escape');
    await page.keyboard.up(' ');
    await expect(page.getByText(/^Listening/)).toBeHidden();
    await expect(page.locator('.brand .lantern')).not.toHaveClass(/lit/);
    expect(asked).toEqual([]);

    await page.keyboard.down(' ');
    await expect(page.locator('.so-far')).toContainText(/time/i, { timeout: 60_000 });
    await page.keyboard.up(' ');
    await expect(page.getByLabel('What was said last')).toContainText(/what time is it/i, { timeout: 60_000 });
    expect(asked).toHaveLength(1);
  });
});

test('a hub that can neither hear nor speak says so, and answers what is written', async ({ somebody, page }) => {
  await somebody.signIn();
  await somebody.talk();
  await button(page).click();
  await expect(page.getByRole('alert')).toHaveText(/can neither hear nor speak/);
  await page.getByLabel('Write to Porchlight').fill('Put candles on the shopping list.');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByLabel('What was said last')).toContainText('candles');
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Tick off candles' })).toBeVisible();
  // That a hub cannot hear is an error to a browser, which says so itself.
  forgive(somebody, /status of 503/);
});

function button(page: Page) {
  return page.locator('.say button');
}

test('much is forgotten only after a question, and everything only in the app', async ({ somebody, house, page }) => {
  await house.anna('consent', 'grant', 'Anna', 'history');
  for (let n = 0; n < 4; n += 1) await house.anna('ask', 'What time is it?');
  const transcripts = () => house.anna('list', '--kind', 'transcript');
  await somebody.signIn();
  await somebody.talk();
  const write = async (text: string) => {
    await page.getByLabel('Write to Porchlight').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };

  await write('Forget everything I said today.');
  await expect(page.getByText('Shall I forget them for good?')).toBeVisible();
  await somebody.isSound('home-question');
  await page.getByRole('button', { name: 'Keep them' }).click();
  await expect(page.getByText('All right, nothing was forgotten.')).toBeVisible();
  expect((await transcripts()).length).toBeGreaterThanOrEqual(4);

  await write('Forget everything I said today.');
  await page.getByRole('button', { name: /^Forget \d+ recordings for good$/ }).click();
  await expect(page.getByText(/gone for good/)).toBeVisible();
  expect(await transcripts()).toEqual([]);
  const receipt = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the receipt' }).click();
  const [verified] = await house.anna('receipt', 'verify', await (await receipt).path());
  expect(verified).toMatchObject({ verified: true });

  await house.anna('ask', 'What time is it?');
  await write('Forget everything I have ever said.');
  await expect(page.getByRole('dialog', { name: /^Forget/ })).toBeVisible();
  expect(await transcripts()).toHaveLength(1);
});

/** The next time the microphone is opened, this sentence is spoken into it, in Porchlight's own voice. */
async function willSay(house: House, sentence: string): Promise<void> {
  const rate = 48_000;
  await speakClearly(house, sentence, rate);
  // After a breath, as people do.
  const spoken = readFileSync(SPOKEN);
  const breath = Buffer.alloc(2 * rate);
  const file = Buffer.concat([spoken.subarray(0, 44), breath, spoken.subarray(44)]);
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(file.length - 44, 40);
  writeFileSync(SPOKEN, file);
}

/** Porchlight's voice never says a sentence twice the same way: it is spoken until it is heard as it is written. */
async function speakClearly(house: House, sentence: string, rate: number): Promise<void> {
  const heard = house.file('heard.wav');
  const plain = (words: unknown) => String(words).toLowerCase().replaceAll(/\bten\b/g, '10').replaceAll(/[^a-z0-9 ]/g, '');
  for (let tries = 0; tries < 40; tries += 1) {
    await house.anna('speak', sentence, '--rate', String(rate), '--out', SPOKEN);
    writeFileSync(heard, aThird(readFileSync(SPOKEN)));
    const [said] = await house.anna('hear', heard);
    if (plain(said?.['transcript']) === plain(sentence)) return;
  }
  throw new Error(`Porchlight does not understand itself saying "${sentence}"`);
}

/** A WAV file with the mean of every three samples in their place: of 48 kHz, 16 kHz. */
function aThird(wav: Buffer): Buffer {
  const length = Math.floor((wav.length - 44) / 6);
  const file = Buffer.alloc(44 + length * 2);
  wav.copy(file, 0, 0, 44);
  for (let at = 0; at < length; at += 1) {
    const sum = [0, 2, 4].reduce((sum, next) => sum + wav.readInt16LE(44 + at * 6 + next), 0);
    file.writeInt16LE(Math.round(sum / 3), 44 + at * 2);
  }
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(wav.readUInt32LE(24) / 3, 24);
  file.writeUInt32LE(wav.readUInt32LE(28) / 3, 28);
  file.writeUInt32LE(length * 2, 40);
  return file;
}

/** Counts what is played, since nobody listens to a test. */
async function countSounds(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.set(window, 'played', 0);
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = async function (this: HTMLMediaElement) {
      await play.call(this);
      if (this.src.startsWith('blob:')) Reflect.set(window, 'played', (Reflect.get(window, 'played') as number) + 1);
    };
  });
}

function forgive(somebody: Somebody, what: RegExp): void {
  const rest = somebody.troubles.filter((trouble) => !what.test(trouble));
  somebody.troubles.splice(0, Infinity, ...rest);
}
