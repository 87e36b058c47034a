// Film from a camera, played in the app.

import type { Page } from '@playwright/test';
import { StandInCamera, type House } from './house';
import { expect, test } from './test';

/** A house whose porch was filmed: this many pieces of about four seconds. */
async function filmed(house: House, pieces: number, after: (camera: StandInCamera) => Promise<void> = async (camera) => camera.close()): Promise<void> {
  const camera = await StandInCamera.start();
  try {
    await house.addCamera('Porch', camera.url);
    await expect.poll(async () => (await house.anna('list', '--kind', 'video')).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(pieces);
  } finally {
    await after(camera);
  }
}

interface State {
  at: number;
  paused: boolean;
  buffered: [number, number][];
  width: number;
}

async function state(page: Page): Promise<State> {
  return page.locator('video').evaluate((video: HTMLVideoElement) => ({
    at: video.currentTime,
    paused: video.paused,
    width: video.videoWidth,
    buffered: Array.from({ length: video.buffered.length }, (_, range): [number, number] => [video.buffered.start(range), video.buffered.end(range)]),
  }));
}

const film = (page: Page) => page.getByRole('button', { name: /^Open the film/ }).first();
const position = (page: Page) => page.getByRole('slider', { name: 'Where it plays' });

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
  await somebody.isSound('timeline-film');
});
