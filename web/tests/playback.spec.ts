// Film from a camera, played in the app.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Download, Page } from '@playwright/test';
import { film, filmed, position, state } from './film';
import { expect, ONCE_MORE, test } from './test';

test('a stretch of film plays across its pieces without a gap, seeks, and goes faster, slower and picture by picture', async ({ somebody, house, page }) => {
  await filmed(house, 4);
  await somebody.signIn('Anna', 'timeline');
  const looks = page.waitForRequest((request) => request.url().endsWith('/api/looks'));
  await film(page).click();
  await looks;
  await expect.poll(async () => (await state(page)).width, 'the picture comes').toBe(640);
  await expect.poll(async () => (await state(page)).at, 'it plays past the second piece').toBeGreaterThan(8.5);

  const { buffered } = await state(page);
  expect(buffered, 'four pieces are one, from the beginning').toHaveLength(1);
  expect(buffered[0]![0]).toBeLessThan(0.5);
  expect(buffered[0]![1]).toBeGreaterThan(14);

  await page.getByRole('button', { name: 'Pause' }).click();
  await position(page).fill('13');
  await expect.poll(async () => (await state(page)).at).toBeCloseTo(13, 1);
  await position(page).fill('1');
  await expect.poll(async () => (await state(page)).at).toBeCloseTo(1, 1);

  await page.getByRole('button', { name: 'One picture on' }).click();
  const one = (await state(page)).at;
  await page.getByRole('button', { name: 'One picture on' }).click();
  const two = (await state(page)).at;
  expect(two - one, 'fifteen pictures are a second').toBeCloseTo(1 / 15, 2);
  await page.keyboard.press(',');
  expect((await state(page)).at).toBeCloseTo(one, 2);

  await page.getByLabel('Speed').selectOption({ label: '8×' });
  const began = Date.now();
  await page.getByRole('button', { name: /^Play/ }).click();
  await expect.poll(async () => (await state(page)).at, 'eight times as fast').toBeGreaterThan(13);
  expect(Date.now() - began).toBeLessThan(9000);
  await expect(page.locator('.picture .clock'), 'the clock of the picture').toHaveText(/\d\d:\d\d:\d\d$/);
  await somebody.isSound('timeline-film');

  // A copy is one clip, whatever it was kept in.
  await page.getByRole('button', { name: 'Close the film' }).click();
  const saved = await saveCopy(page);
  const pieces = await house.anna('list', '--kind', 'video');
  const seconds = pieces.reduce((sum, { seconds }) => sum + Number(seconds), 0);
  expect(saved.suggestedFilename()).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d\\.\\d\\d\\.\\d\\d Porch, ${Math.round(seconds)} seconds\\.mp4$`));
  const copy = (await saved.path())!;
  const { streams, packets } = probe(copy);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264']);
  expect(Number(streams[0]!.nb_frames), 'an ordinary film says how many pictures it has').toBe(packets.length);
  const shown = packets.map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
  expect(shown[0]).toBeCloseTo(0, 3);
  for (const [index, at] of shown.entries()) if (index) expect(at - shown[index - 1]!, `the picture after ${shown[index - 1]}`).toBeCloseTo(1 / 15, 1);
  expect(Math.abs(Number(streams[0]!.duration) - seconds)).toBeLessThan(0.25);
  const played = await plays(page, copy);
  expect(Math.abs(played.duration - seconds), 'a browser plays it too').toBeLessThan(0.25);
  expect(played.at).toBeGreaterThan(seconds - 2);
  // It is a look, told in the same words.
  await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
  await page.getByRole('link', { name: 'Who looked' }).first().click();
  await expect(page.getByRole('listitem').filter({ hasText: `You asked for ${Math.round(seconds)} seconds of Porch as files, ` })).toBeVisible();
});

/** Saves what is chosen: the one stretch of film that there is. */
async function saveCopy(page: Page): Promise<Download> {
  // Sound that was switched on after the first pictures began another stretch: the newest is first.
  await page.getByRole('checkbox', { name: /^Choose Porch/ }).first().check();
  await page.getByRole('button', { name: 'Save a copy' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the copy' }).click();
  return download;
}

interface Probed {
  streams: { codec_name: string; nb_frames: string; duration: string }[];
  packets: { stream_index: number; pts_time: string }[];
}

/** A film as another program sees it, and that it decodes all of it without a complaint. */
function probe(file: string): Probed {
  execFileSync('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-']);
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-show_packets', '-of', 'json', file], { maxBuffer: 1 << 28 }).toString()) as Probed;
}

/** How long a browser says that a film is, and where it is when it was sent to a second before its end. */
async function plays(page: Page, file: string): Promise<{ duration: number; at: number }> {
  const bytes = readFileSync(file).toString('base64');
  return page.evaluate(async (bytes) => {
    const video = document.createElement('video');
    const blob = new Blob([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], { type: 'video/mp4' });
    video.muted = true;
    video.src = URL.createObjectURL(blob);
    const heard = (event: string) => new Promise<void>((done, failed) => {
      video.addEventListener(event, () => done(), { once: true });
      video.addEventListener('error', () => failed(new Error(video.error?.message)), { once: true });
    });
    await heard('loadeddata');
    const seeked = heard('seeked');
    video.currentTime = video.duration - 1;
    await seeked;
    return { duration: video.duration, at: video.currentTime };
  }, bytes);
}

test('film whose bytes were changed on the way is left out, in words, and the rest plays', async ({ somebody, house, page }) => {
  await filmed(house, 3);
  const pieces = await house.anna('list', '--kind', 'video');
  await somebody.signIn('Anna', 'timeline');
  await page.route(`**/api/looks/*/${Number(pieces[0]!['id'])}`, async (route) => {
    const answer = await route.fetch(ONCE_MORE);
    const bytes = await answer.body();
    bytes[Math.floor(bytes.length / 2)]! ^= 0x40;
    await route.fulfill({ response: answer, body: bytes });
  });
  await film(page).click();
  await expect(page.getByText(/is not as it was sealed: bytes of it were changed or are missing\. It is left out\./)).toBeVisible();
  const first = Number(pieces[0]!['seconds']);
  await expect.poll(async () => (await state(page)).at).toBeGreaterThan(first + 0.5);
  expect((await state(page)).buffered[0]![0], 'nothing of it is played').toBeGreaterThan(first - 0.1);
});

test('film that is damaged where the hub keeps it is left out, in words and once, and the rest plays', async ({ somebody, house, page }) => {
  await filmed(house, 3);
  const [first] = await house.anna('list', '--kind', 'video');
  const blobs = house.file('data/blobs');
  const files = readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const [oldest] = files.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  rmSync(oldest!);
  await somebody.signIn('Anna', 'timeline');
  let asked = 0;
  page.on('request', (request) => {
    if (new RegExp(`/api/looks/\\d+/${Number(first!['id'])}$`).test(request.url())) asked += 1;
  });
  await film(page).click();
  await expect(page.getByText(/^The film of \d\d:\d\d is damaged where your hub keeps it, and cannot be opened\. It is left out\.$/)).toBeVisible();
  await expect.poll(async () => (await state(page)).at).toBeGreaterThan(Number(first!['seconds']) + 1.5);
  expect(asked).toBe(1);
  await expect(page.getByText('Your hub does not answer.')).toHaveCount(0);

  // A copy says so too, and has the rest.
  await page.getByRole('button', { name: 'Close the film' }).click();
  const saved = await saveCopy(page);
  await expect(page.getByRole('dialog').getByText(/^The film of \d\d:\d\d is damaged where your hub keeps it, and cannot be opened\. It is left out\.$/)).toBeVisible();
  const { streams } = probe((await saved.path())!);
  const rest = (await house.anna('list', '--kind', 'video')).filter(({ id }) => id !== first!['id']).reduce((sum, { seconds }) => sum + Number(seconds), 0);
  expect(Math.abs(Number(streams[0]!.duration) - rest)).toBeLessThan(0.25);
  somebody.troubles.length = 0; // that it was refused
});

test('a hub that writes no look down is not asked again for ever, and what it says is said', async ({ somebody, house, page }) => {
  await filmed(house, 2);
  await somebody.signIn('Anna', 'timeline');
  let asked = 0;
  const said = { code: 'data-disk-full', text: 'the disk of the data folder is full, so nothing new is written down' };
  await page.route('**/api/looks', async (route) => {
    asked += 1;
    await route.fulfill({ status: 500, json: { error: 'hub-failed', message: said.text, said } });
  });
  await film(page).click();
  await expect(page.getByText('The disk of the data folder is full, so nothing new is written down.')).toBeVisible();
  await expect(position(page)).toBeDisabled();
  expect(asked).toBe(1);
  somebody.troubles.length = 0; // that it was refused
});

test('the hub restarts while film plays, and the film goes on', async ({ somebody, house, page }) => {
  await filmed(house, 3);
  await somebody.signIn('Anna', 'timeline');
  let hold = true;
  await page.route('**/api/looks/*/*', async (route) => {
    // The second piece is asked for from a hub that is not there.
    if (hold) await house.kill();
    hold = false;
    await route.continue();
  });
  await film(page).click();
  await expect(page.getByText('Your hub does not answer. The film goes on when it does.')).toBeVisible();
  await house.serve();
  await expect.poll(async () => (await state(page)).at).toBeGreaterThan(4.5);
  await expect(page.getByText('Your hub does not answer. The film goes on when it does.')).toBeHidden();
  somebody.troubles.length = 0; // that nobody answered
});

test('an hour of film takes no more memory than a minute, and seeking there and back finds the picture', async ({ somebody, house, page }) => {
  await filmed(house, 2);
  const [real] = await house.anna('list', '--kind', 'video');
  const id = Number(real!['id']);
  // An hour of it: every piece is the one that there is.
  const seconds = Number(real!['seconds']);
  // In one part of a day, whatever time it is now: at noon a new entry begins.
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const start = Date.parse(`${day}T07:30:00Z`);
  const hour = Array.from({ length: Math.floor(3400 / seconds) }, (_, index) => ({
    ...real, id: 1_000_000 + index, moment: 2_000_000 + index, start: new Date(start + index * seconds * 1000).toISOString(),
  }));
  await page.route('**/api/recordings?*', (route) => route.fulfill({ json: hour }));
  await page.route('**/api/looks', async (route) => {
    const { selection } = route.request().postDataJSON() as { selection: { ids: number[] } };
    const answer = await route.fetch({ ...ONCE_MORE, postData: JSON.stringify({ selection: { ids: [id] }, why: 'open' }) });
    const pass = (await answer.json()) as { recordings: object[] };
    await route.fulfill({ response: answer, json: { ...pass, recordings: selection.ids.map((id) => ({ ...pass.recordings[0], id })) } });
  });
  await page.route('**/api/looks/*/*', async (route) => route.continue({ url: route.request().url().replace(/\d+$/, `${id}`) }));
  await somebody.signIn('Anna', `timeline/${day}`);
  await film(page).click();
  await page.getByLabel('Speed').selectOption({ label: '8×' });
  let most = 0;
  for (const until of [60, 120, 180]) {
    await expect.poll(async () => (await state(page)).at, { timeout: 60_000 }).toBeGreaterThan(until);
    const { buffered } = await state(page);
    most = Math.max(most, buffered.reduce((sum, [from, to]) => sum + to - from, 0));
  }
  expect(most, 'seconds of film in memory').toBeLessThan(110);
  for (const at of [3000, 10, 1500]) {
    await position(page).fill(`${at}`);
    await expect.poll(async () => (await state(page)).at, { timeout: 30_000 }).toBeGreaterThan(at + 1);
    const { buffered } = await state(page);
    expect(buffered.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThan(140);
  }
});

/** How loud the film is within the next moment, from 0 to 1, as the browser plays it. */
async function loudness(page: Page): Promise<number> {
  return page.locator('video').evaluate(async (video) => {
    const playing = video as HTMLVideoElement & { captureStream: () => MediaStream };
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(playing.captureStream()).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    for (let times = 0; times < 40 && loudest === 0; times++) {
      await new Promise((next) => setTimeout(next, 25));
      analyser.getFloatTimeDomainData(samples);
      loudest = Math.max(...samples.map(Math.abs));
    }
    await context.close();
    return loudest;
  });
}

test('film that was recorded with its sound is heard, and is heard where one seeks to', async ({ somebody, house, page }) => {
  test.setTimeout(180_000);
  await filmed(house, 3, '--sound');
  await somebody.signIn('Anna', 'timeline');
  await film(page).click();
  await expect.poll(async () => (await state(page)).width, 'the picture comes').toBe(640);
  const decoded = () => page.locator('video').evaluate((video) => (video as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount);
  await expect.poll(decoded).toBeGreaterThan(0);
  const sound = page.getByRole('button', { name: 'Without sound' });
  await expect(sound, 'it begins in silence').toHaveAttribute('aria-pressed', 'false');
  await sound.click();
  await expect(page.getByRole('button', { name: 'With sound' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => loudness(page), 'it is heard').toBeGreaterThan(0.001);
  const before = await decoded();
  await position(page).fill('5');
  await expect.poll(async () => (await state(page)).at).toBeGreaterThan(5);
  await page.getByRole('button', { name: /^(Play|Pause)/ }).first().waitFor();
  await expect.poll(() => loudness(page), 'it is heard there too').toBeGreaterThan(0.001);
  expect(await decoded()).toBeGreaterThan(before);

  // A copy has the sound too, in step with the pictures.
  await page.getByRole('button', { name: 'Close the film' }).click();
  const { streams, packets } = probe((await (await saveCopy(page)).path())!);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
  expect(Math.abs(Number(streams[0]!.duration) - Number(streams[1]!.duration)), 'both as long').toBeLessThan(0.3);
  const heard = packets.filter(({ stream_index }) => stream_index === 1).map(({ pts_time }) => Number(pts_time));
  for (const [index, at] of heard.entries()) if (index) expect(at - heard[index - 1]!, `the sound after ${heard[index - 1]}`).toBeCloseTo(0.064, 2);
});
