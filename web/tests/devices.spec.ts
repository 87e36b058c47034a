import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import config from '../playwright.config';
import { StandInCamera } from './house';
import { expect, test } from './test';

/** What Chromium hears where these tests have a microphone. */
const SPOKEN = join(tmpdir(), `porchlight-devices-${process.pid}.wav`);
const launchOptions = config.use!.launchOptions!;
const microphone = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${SPOKEN}%noloop`];
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args!, ...microphone] } });
test.afterAll(() => rmSync(SPOKEN, { force: true }));

test('microphones are added, shared or one’s own alone, and removed', async ({ somebody, house, page }) => {
  await somebody.signIn('Anna', 'devices');
  await expect(page.getByText('No microphone belongs to the household.')).toBeVisible();
  const add = async (name: string, mine: boolean) => {
    await page.getByRole('button', { name: 'Add a device' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('radio', { name: 'Microphone' }).check();
    await sheet.getByLabel('Name').fill(name);
    await sheet.getByLabel('Room').fill('Kitchen');
    if (mine) await sheet.getByRole('checkbox', { name: /It is mine alone/ }).check();
    if (mine) await somebody.isSound('add-device');
    await sheet.getByRole('button', { name: 'Add it' }).click();
    if (mine) await somebody.proves();
    await expect(page.getByText(`${name} is part of the household now.`)).toBeVisible();
  };
  await add('Kitchen', false);
  await add('Study', true);
  await expect(page.getByText('Anybody can speak here, so nothing that is said is kept.')).toBeVisible();
  await expect(page.getByText('Only you speak here, as you said.')).toBeVisible();
  await somebody.isSound('devices');
  await expect(page.getByRole('main').getByRole('link', { name: 'Add a phone' })).toHaveAttribute('href', '#/phone');
  expect(await house.anna('device', 'list')).toMatchObject([
    { name: 'Kitchen', kind: 'microphone', room: 'Kitchen', person: null },
    { name: 'Study', kind: 'microphone', person: 'Anna' },
  ]);
  await page.getByRole('button', { name: 'Remove Kitchen' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Remove Kitchen' }).click();
  await expect(sheet.getByText('Kitchen is gone.')).toBeVisible();
  await expect(sheet.getByText('Nothing had to be forgotten for it, so there is no receipt either.')).toBeVisible();
  await sheet.getByRole('button', { name: 'Close' }).last().click();
  await expect(sheet).toHaveCount(0);
  expect(await house.anna('device', 'list')).toMatchObject([{ name: 'Study' }]);

  // Somebody else is faster while the question stands: nothing is made of it, and no word says that nothing was kept.
  await page.getByRole('button', { name: 'Remove Study' }).click();
  await house.anna('device', 'remove', 'Study', '--yes');
  await sheet.getByRole('button', { name: 'Remove Study' }).click();
  await expect(sheet.getByText('It is no longer part of the household: somebody has removed it already.')).toBeVisible();
});

test('what requests left behind at a device is named before it goes with that', async ({ somebody, house, page }) => {
  await house.anna('device', 'add', 'Kitchen', '--kind', 'microphone', '--room', 'Kitchen');
  await house.anna('ask', 'Put milk on the shopping list.', '--device', 'Kitchen');
  await somebody.signIn('Anna', 'devices');
  await page.getByRole('button', { name: 'Remove Kitchen' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByText('Put something on a list: milk')).toBeVisible();
  await expect(sheet.getByText(/^Timers and what stands on a list stay/)).toHaveCount(0);
  await sheet.getByRole('button', { name: 'Remove Kitchen and forget 1 thing on a list for good' }).click();
  await expect(sheet.getByText('Kitchen is gone.')).toBeVisible();
  expect(await house.anna('list')).toEqual([]);
});

test('a device goes only by the hand of somebody who has proved lately who they are', async ({ somebody, house, page }) => {
  await house.anna('device', 'add', 'Kitchen', '--kind', 'microphone', '--room', 'Kitchen');
  await somebody.signIn('Anna', 'devices');
  house.growStale();
  await page.getByRole('button', { name: 'Remove Kitchen' }).click();
  const sheet = page.getByRole('dialog', { name: /Kitchen/ });
  await sheet.getByRole('button', { name: 'Remove Kitchen' }).click();
  const proof = page.getByRole('dialog', { name: 'Is it you?' });
  await expect(proof).toBeVisible();
  expect(await house.anna('device', 'list'), 'nothing is done before').toHaveLength(1);
  await proof.getByLabel('Your passphrase').fill(house.passphrase('Anna'));
  await proof.getByLabel(/six digits/).fill(somebody.digits('Anna'));
  await proof.getByRole('button', { name: 'It is me' }).click();
  await expect(page.getByText('Kitchen is gone.')).toBeVisible();
  expect(await house.anna('device', 'list')).toHaveLength(0);
});

test('devices are renamed and moved by who may, and what was said there goes on under the new name', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await house.signIn('Tom');
  await house.run('Tom', 'device', 'add', 'Tom’s phone', '--kind', 'phone', '--person', 'Tom');
  await house.anna('device', 'add', 'Kitchen', '--kind', 'microphone', '--room', 'Kitchen');
  await somebody.signIn('Anna', 'devices');
  // Where only Tom speaks is his alone to say.
  await expect(page.getByText('Only Tom speaks here.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename or move Tom’s phone' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Rename or move Kitchen' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Name').fill('Hob');
  await somebody.isSound('change-device');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await expect(page.getByText('It is called Hob from now on')).toBeVisible();
  await page.getByRole('button', { name: 'Rename or move Hob' }).click();
  await sheet.getByLabel('Room').fill('Pantry');
  await sheet.getByRole('button', { name: 'Change it' }).click();
  await expect(page.getByText('Hob is in another room now: Pantry.')).toBeVisible();
  expect(await house.anna('device', 'list')).toMatchObject([{ name: 'Tom’s phone' }, { name: 'Hob', room: 'Pantry' }]);

  // How much there is of what is another's own is told neither before it goes nor afterwards.
  await page.getByRole('button', { name: 'Remove Tom’s phone' }).click();
  await expect(sheet.getByText('Whatever is kept of Tom for it is forgotten. How much that is, only Tom can see.')).toBeVisible();
  await sheet.getByRole('button', { name: 'Remove Tom’s phone' }).click();
  await expect(sheet.getByText('Whatever was kept of Tom for it is forgotten. How much that was, only Tom can see.')).toBeVisible();
  await expect(sheet.getByText(/Nothing had to be forgotten|recordings?/)).toHaveCount(0);
  await sheet.getByRole('button', { name: 'Close' }).last().click();

  // What anybody could speak into may hold what was their own once.
  await page.getByRole('button', { name: 'Remove Hob' }).click();
  await expect(sheet.getByText('What is others’ own goes too. How much that is, only they can see.')).toBeVisible();
});

test('who owns nothing adds what is theirs alone', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await somebody.signIn('Tom', 'devices');
  await page.getByRole('button', { name: 'Add a device' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('radio', { name: 'Camera' })).toHaveCount(0);
  await expect(sheet.getByRole('checkbox', { name: /It is mine alone/ })).toBeChecked();
  await sheet.getByLabel('Name').fill('Tom’s earphones');
  await sheet.getByRole('button', { name: 'Add it' }).click();
  await somebody.proves('Tom');
  await expect(page.getByText('Only you speak here, as you said.')).toBeVisible();
});

test('an owner takes back what another adult agreed to for a camera, who is told of it', async ({ somebody, house, page }) => {
  await house.addAdult('Tom');
  await house.signIn('Tom');
  await house.addCamera('Porch', 'rtsp://127.0.0.1:9/cam');
  await house.run('Tom', 'consent', 'grant', 'Tom', 'sound:Porch');
  await somebody.signIn('Anna', 'devices');
  // It never answered: there is no picture to look at, and none is offered.
  await expect(page.getByRole('button', { name: 'Remove Porch' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'The last picture of Porch' })).toHaveCount(0);
  const sound = page.getByRole('switch', { name: 'Keep its sound too' });
  await expect(sound).toBeChecked();
  await sound.click();
  // It is another's yes: whose stands before it is taken back, though nothing goes with it.
  const sheet = page.getByRole('dialog', { name: 'Stop keeping the sound of Porch' });
  await expect(sheet.getByText('This takes back the yes of Tom, and Porchlight tells them so.')).toBeVisible();
  await somebody.isSound('takes-back-anothers');
  await sheet.getByRole('button', { name: 'Stop' }).click();
  await sheet.getByRole('button', { name: 'Close' }).last().click();
  await expect(sound).not.toBeChecked();
  await page.getByRole('link', { name: 'Signed in as Anna: your account' }).click();
  await page.getByRole('button', { name: 'Sign out here' }).last().click();

  await somebody.signIn('Tom');
  await expect(page.getByText(/Anna took back what was agreed to for you: the sound of Porch\.$/)).toBeVisible();
  await somebody.isSound('consent-taken-back');
  await somebody.open('people');
  await page.getByRole('main').getByRole('link', { name: /^Tom/ }).click();
  await expect(page.getByText(/^A camera’s sound \(Porch\): from .* to .*, taken back by Anna$/)).toBeVisible();
  await somebody.open('ledger');
  await expect(page.getByText(/took back what was agreed to for you: the sound of Porch/)).toBeVisible();
  // What Anna agreed to he sees, and cannot take back.
  await somebody.open('devices');
  await expect(page.getByRole('switch', { name: 'Keep what it sees' })).toBeDisabled();
  await expect(page.getByText('That is for them, or for an owner, to take back.')).toBeVisible();
  await page.evaluate(() => localStorage.setItem('porchlight.language', 'de'));
  await somebody.open();
  await page.reload();
  await expect(page.getByText(/hat Anna zurückgenommen, wozu für dich Ja gesagt war: Ton von Porch\.$/)).toBeVisible();
});

test('a camera is added with its password, tried, and goes with all it recorded', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  const camera = await StandInCamera.start();
  try {
    const url = new URL(camera.url.replace('rtsp:', 'http:'));
    await somebody.signIn('Anna', 'devices');
    await page.getByRole('button', { name: 'Add a device' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name').fill('Porch');
    await sheet.getByLabel('Its address').fill(`rtsp://${url.host}${url.pathname}`);
    await sheet.getByLabel('User of the camera').fill(url.username);
    await sheet.getByLabel('Password of the camera').fill('mistyped');
    await somebody.isSound('add-camera');
    await sheet.getByRole('button', { name: 'Try it' }).click();
    await expect(sheet.getByText(/^The camera refuses the user name or the password/)).toBeVisible();
    await sheet.getByRole('button', { name: 'Add it' }).click();
    await expect(page.getByText('You are about to add the camera Porch, whose pictures are kept then.')).toBeVisible();
    await somebody.proves();

    // What was typed wrongly is typed again, and the camera stays the one it is.
    await expect(page.getByText(/^It has not recorded yet. The camera refuses the user name or the password; change its address and password/)).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Change the address or password of Porch' }).click();
    await expect(sheet.getByLabel('Its address'), 'the host alone is known').toHaveValue(`rtsp://${url.host}`);
    await sheet.getByLabel('Its address').fill(`rtsp://${url.host}${url.pathname}`);
    await sheet.getByLabel('User of the camera').fill(url.username);
    await sheet.getByLabel('Password of the camera').fill(url.password);
    await sheet.getByRole('button', { name: 'Try it' }).click();
    await expect(sheet.getByRole('img', { name: 'What the camera sees now' })).toBeVisible({ timeout: 30_000 });
    await expect(sheet.getByText(/^Its picture came, \d+ by \d+\.$/)).toBeVisible();
    await somebody.isSound('change-camera');
    await sheet.getByRole('button', { name: 'Change it' }).click();
    await somebody.proves();
    await expect(page.getByText('Porch is reached by its new address from now on.')).toBeVisible();
    await expect(page.getByText('Recording now.')).toBeVisible({ timeout: 60_000 });
    const signed = await page.evaluate(async () => (await fetch('/api/household', { headers: { 'x-porchlight': '1' } })).text());
    expect(signed).toContain(url.host);
    expect(signed).not.toContain(url.password);

    // Its pictures by the yes of who added it, its sound by another.
    await expect(page.getByRole('switch', { name: 'Keep what it sees' })).toBeChecked();
    await expect(page.getByText(/^You agreed on \d+ \w+ \d{4}$/)).toBeVisible();
    const sound = page.getByRole('switch', { name: 'Keep its sound too' });
    await expect(sound).not.toBeChecked();
    await sound.click();
    await somebody.proves();
    await expect(sound).toBeChecked();
    expect(JSON.stringify(await house.anna('consent', 'list')), 'the command line reads what was agreed').toContain('sound:Porch');
    expect(await house.anna('device', 'list'), 'it sends none').toMatchObject([{ name: 'Porch', sound: false }]);

    await expect.poll(() => house.anna('list', '--kind', 'video'), { timeout: 90_000 }).not.toHaveLength(0);
    await page.reload();
    await page.getByRole('button', { name: 'The last picture of Porch' }).click();
    await sheet.getByRole('button', { name: 'Open it' }).click();
    await expect(sheet.getByRole('img', { name: /^What Porch saw at/ })).toBeVisible();
    await expect(page.locator('.brand .lantern'), 'somebody looks').toHaveClass(/lit/);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await somebody.isSound('devices-camera');

    await page.getByRole('button', { name: 'Remove Porch' }).click();
    await expect(sheet.getByText(/^\d+ seconds of Porch, from/)).toBeVisible();
    await expect(sheet.getByText('Its address and password are destroyed, with every consent to it.')).toBeVisible();
    await expect(sheet.getByText('What it records until then goes too, so the receipt may name more than is counted here.')).toBeVisible();
    await somebody.isSound('remove-camera');
    await sheet.getByRole('button', { name: /^Remove Porch and forget \d+ seconds for good$/ }).click();
    await expect(sheet.getByText('Porch is gone.')).toBeVisible();
    expect(await house.anna('list', '--kind', 'video')).toHaveLength(0);
    await expect(sheet.getByRole('heading', { level: 2 })).toHaveText(/Gone from every copy/);
    await somebody.isSound('removed-camera');
    const saved = page.waitForEvent('download');
    await sheet.getByRole('button', { name: 'Save the receipt' }).click();
    const [verified] = await house.anna('receipt', 'verify', await (await saved).path());
    expect(verified).toMatchObject({ verified: true, deletion: { reason: 'device-removed' } });
  } finally {
    camera.close();
  }
});

test.describe('with a voice', () => {
  test.use({ houseOptions: { voice: true } });

  test('a microphone is tried and Porchlight heard, and nothing is kept of it', async ({ somebody, house, page }) => {
    test.setTimeout(180_000);
    await house.addAnnasMicrophone('Study');
    const sentence = house.file('sentence.wav');
    await house.anna('speak', 'Set a timer for ten minutes.', '--rate', '48000', '--out', sentence);
    copyFileSync(sentence, SPOKEN);
    await somebody.signIn('Anna', 'devices');
    // This computer's own microphone is tried, and none that stands elsewhere.
    await expect(page.getByRole('button', { name: 'Remove Study' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Test/ })).toHaveCount(0);
    await page.getByRole('button', { name: 'Are you understood?' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Start listening' }).click();
    await expect(page.locator('.brand .lantern'), 'Porchlight listens').toHaveClass(/lit/);
    // Until the sentence was heard, and it is quiet again.
    await page.waitForFunction(() => {
      const heard = window as unknown as { loud?: number };
      if (document.querySelector('meter')!.value > 0.3) heard.loud = performance.now();
      return heard.loud !== undefined && performance.now() - heard.loud > 1500;
    });
    await sheet.getByRole('button', { name: 'That was it' }).click();
    await expect(sheet.getByText(/timer/i)).toBeVisible({ timeout: 60_000 });
    await somebody.isSound('test-microphone');
    await sheet.getByRole('button', { name: 'Close' }).click();
    expect(await house.anna('list')).toHaveLength(0);

    await page.getByRole('button', { name: 'Hear a sentence' }).click();
    await expect(page.getByText('This is what I sound like.')).toBeVisible();
  });
});

test('a hub without a voice says so in words', async ({ somebody, house, page }) => {
  writeFileSync(SPOKEN, '');
  await house.anna('device', 'add', 'Kitchen', '--kind', 'microphone');
  await somebody.signIn('Anna', 'devices');
  await page.getByRole('button', { name: 'Hear a sentence' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});
